import type { MiddlewareHandler } from 'hono'
import type { Log } from '../telemetry/log.js'
import type { RequestEnvironment } from './environment.js'

/**
 * A line for each request: `debug` where it went well (they are many), `info` where the caller erred or came at a bad time
 * (a 503 is told by whoever can't serve, once), `error` where we erred. Paths, never queries: nobody's token or page is
 * written down.
 */
export function logRequests(log: Log): MiddlewareHandler<RequestEnvironment> {
  return async (context, next) => {
    const begun = performance.now()
    await next()
    const { status } = context.res
    const level = status === 500 ? 'error' : status >= 400 ? 'info' : 'debug'
    if (!log.isLevelEnabled(level)) return
    log[level](
      {
        request: context.var.requestId,
        method: context.req.method,
        path: context.req.path,
        status,
        milliseconds: Math.round(performance.now() - begun),
      },
      'request',
    )
  }
}
