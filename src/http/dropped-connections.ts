import type { Server } from 'node:http'
import type { Stopwatch } from '../inbox/clock.js'
import type { Log } from '../telemetry/log.js'

/** How often the log says so: they are dropped by thousands. */
const QUIET_MS = 60_000 // 1 minute

/** Tells the operator that connections are dropped, since there are as many as may be: whoever is dropped hears nothing. */
export function warnOfDrops(server: Server, log: Log, stopwatch: Stopwatch): void {
  let quietUntil = -Infinity
  server.on('drop', () => {
    const now = stopwatch()
    if (now < quietUntil) return
    quietUntil = now + QUIET_MS
    log.warn({ connections: server.maxConnections }, 'connections are dropped: there are too many')
  })
}
