import type { Backend } from './backend.js'
import type { ClusterLive } from './cluster/cluster-live.js'
import type { OpenIssuers } from './auth/open-issuers.js'
import type { OperationsServer } from './http/operations-server.js'
import type { AnswersInTurn } from './http/answers-in-turn.js'
import type { OpenedServer } from './http/server.js'
import type { SilentConnections } from './http/silent-connections.js'
import type { Caretaker } from './inbox/caretaker.js'
import type { LiveSessions } from './socket/live-sessions.js'
import type { SocketServer } from './socket/socket-server.js'
import type { Log } from './telemetry/log.js'
import type { Metrics } from './telemetry/metrics.js'
import type { Tracing } from './telemetry/tracing.js'

/** Of the time to stop, how long whoever balances load is left to look, … */
const LEAD_SHARE = 0.1
/** … over how much sockets are sent away, and then how long what is under way may take. */
const DRAIN_SHARE = 0.3
const SERVE_SHARE = 0.4
/** How long the last answers to operators may take. */
const OPERATIONS_SHARE = 0.05

/** How far a service is on its way out, as those see it who ask. */
export class WayOut {
  #phase: 'none' | 'announced' | 'stopping' = 'none'

  /** `readyz` fails, and all else goes on. */
  announce(): void {
    if (this.#phase === 'none') this.#phase = 'announced'
  }

  /** Nothing new is taken. */
  begin(): void {
    this.#phase = 'stopping'
  }

  readonly isAnnounced = (): boolean => this.#phase !== 'none'
  readonly isStopping = (): boolean => this.#phase === 'stopping'
}

/** What a service closes, in this order. */
export interface Running {
  wayOut: WayOut
  server: OpenedServer['server']
  silent: SilentConnections
  answers: AnswersInTurn
  sessions: LiveSessions
  sockets: SocketServer
  issuers: OpenIssuers
  caretaker: Caretaker
  /** The connections of all nodes, where there are several. */
  cluster: ClusterLive | undefined
  backend: Backend
  metrics: Metrics
  /** What operators ask to the very end. */
  operations: OperationsServer | undefined
  tracing: Tracing | undefined
  log: Log
  /** In how many milliseconds about all should be over. */
  timeoutMs: number
}

/**
 * Stops a service. With `lead`, it first goes on for a tenth of the time with `readyz` failing, so that whoever balances load sends
 * people elsewhere before anyone is refused.
 */
export async function stop(running: Running, { lead }: { lead: boolean }): Promise<void> {
  const { wayOut, server, silent, sessions, sockets, issuers, log, timeoutMs } = running
  wayOut.announce()
  if (lead) await new Promise((resolve) => setTimeout(resolve, timeoutMs * LEAD_SHARE))
  wayOut.begin()
  await sessions.drain(timeoutMs * DRAIN_SHARE)
  // No new connections; those between two requests end now, the others with their answer.
  const served = new Promise((resolve) => server.close(resolve))
  silent.end()
  sessions.close(1012, 'restart')
  // Whoever waits for keys that don't come is told so now.
  issuers.close()
  const cut = setTimeout(() => {
    log.warn('not everything finished in time: what is left is cut')
    server.closeAllConnections()
    sockets.terminate()
    running.answers.end()
  }, timeoutMs * SERVE_SHARE)
  await served
  clearTimeout(cut)
  await running.caretaker.close()
  await running.cluster?.close()
  await running.backend.close()
  await running.tracing?.close()
  await running.operations?.close(timeoutMs * OPERATIONS_SHARE)
  running.metrics.close()
}
