import type { Log } from '../telemetry/log.js'
import { pathForLog } from '../telemetry/path-for-log.js'
import type { Teller } from './every-request.js'

/**
 * A line for each request: `debug` where it went well (they are many), `info` where the caller erred or came at a bad time
 * (a 503 is told by whoever can't serve, once), `error` where we erred. Paths, never queries: nobody's token or page is
 * written down.
 */
export function logRequests(log: Log): Teller {
  return (context, milliseconds) => {
    const { status } = context.res
    const level = status === 500 ? 'error' : status >= 400 ? 'info' : 'debug'
    if (!log.isLevelEnabled(level)) return
    log[level](
      {
        request: context.get('requestId'),
        method: context.req.method,
        path: pathForLog(context.req.path),
        status,
        milliseconds: Math.round(milliseconds),
      },
      'request',
    )
  }
}
