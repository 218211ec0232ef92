import type { Log } from '../telemetry/log.js'
import type { Teller } from './tell-answers.js'

/** What begins as each JWT does, with the JSON of its header (RFC 7515 §3.1), up to where a token ends. */
const TOKEN = /eyJ[\w-]{8,}(?:\.[\w-]*)*/g

/** What moves a cursor, breaks a line or turns the order of what is read. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/**
 * A path, decoded, as it may stand in a log: without what a caller who put a token there by mistake, or wants to write lines
 * of its own, has in it.
 */
export function pathForLog(path: string): string {
  return path.replace(TOKEN, '[token]').replace(UNPRINTABLE, encodeURIComponent)
}

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
