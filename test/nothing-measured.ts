import type { HttpContext } from '../src/http/environment.js'

/** The metrics of a service that measures nothing. */
export const nothingMeasured: HttpContext['metrics'] = {
  contentType: 'text/plain; version=0.0.4; charset=utf-8',
  read: () => Promise.resolve(''),
  requests: { answered: () => undefined },
  connections: { refused: () => undefined },
}
