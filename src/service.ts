import { isReplaceable } from './auth/hosts.js'
import { mint } from './auth/mint.js'
import type { OpenIssuers } from './auth/open-issuers.js'
import type { KeyTimes } from './auth/remote-keys.js'
import { openIssuers, settleCallers, type Callers } from './callers.js'
import { openBackend, type Backend } from './backend.js'
import { ClusterLive } from './cluster/cluster-live.js'
import { ClusterDuties } from './cluster/duties.js'
import { PresenceChanges } from './cluster/presence-changes.js'
import type { Config } from './config.js'
import type { HttpContext } from './http/environment.js'
import type { ServerTimes } from './http/server.js'
import { openListeners } from './listeners.js'
import { Caretaker } from './inbox/caretaker.js'
import type { Clock } from './inbox/clock.js'
import { openDevice } from './inbox/devices.js'
import type { LiveConnections } from './inbox/live.js'
import { Marker } from './inbox/marker.js'
import { OwnTopics } from './inbox/own-topics.js'
import { REFUSALS } from './protocol/refusals.js'
import { VERSION } from './protocol/version.js'
import { SOCKET_LIMITS, type SocketLimits } from './socket/limits.js'
import { LiveSessions } from './socket/live-sessions.js'
import type { SessionContext } from './socket/session-context.js'
import { Unauthenticated } from './socket/unauthenticated.js'
import { stop, WayOut } from './stop.js'
import type { ObservedCluster } from './telemetry/cluster-metrics.js'
import type { Log } from './telemetry/log.js'
import { Metrics } from './telemetry/metrics.js'
import { openTracing, type Tracing } from './telemetry/tracing.js'

export interface Service {
  /** Where it listens, as `http://host:port`, or https. */
  url: string
  /** Where operators ask, where there is an `OPS_PORT`. */
  opsUrl: string | undefined
  /**
   * Takes a TLS certificate that was renewed.
   * @throws Error where its files are no pair; the former one stays
   */
  reload: () => void
  /** Sockets that are connected now. */
  connections: () => number
  /**
   * Stops taking, lets what is under way finish, says goodbye, and releases everything; idempotent. With `lead` it serves on for a tenth
   * of `SHUTDOWN_TIMEOUT_MS` while `readyz` fails already. Default: without.
   */
  close: (options?: { lead?: boolean }) => Promise<void>
}

export interface ServiceOptions {
  log: Log
  /** Whether all logs begin another life, as after a restore by other means than a backup of ours. Default: false. */
  newEpoch?: boolean
  /** Default: the system's. */
  clock?: Clock
  /** Default: the contract's. */
  limits?: Partial<SocketLimits>
  /** Default: 10 s between fetches, keys good for 4 h, as in `RemoteKeys`. */
  keyTimes?: Partial<KeyTimes> | undefined
  /** Default: as in `ServerOptions`. */
  times?: Partial<ServerTimes> | undefined
}

/**
 * Starts a service. Here, in `backend`, `callers` and `listeners` concrete classes are named, and nowhere else.
 * @throws KeysError or Error with what keeps it from starting; nothing is left open then
 */
export async function start(config: Config, options: ServiceOptions): Promise<Service> {
  const { log, keyTimes, newEpoch = false, clock = Date.now } = options
  const issuers = openIssuers(config, { log, stopwatch, keyTimes })
  const metrics = new Metrics({ version: VERSION, refusals: [...REFUSALS], stopwatch })
  const committed = metrics.store.committed.bind(metrics.store)
  const backend = await openBackend(config, { log, clock, newEpoch, committed })
  const { store, wake } = backend
  const presence = new PresenceChanges()
  const limits = { ...SOCKET_LIMITS, ...options.limits }
  const sessions = new LiveSessions({
    wake,
    store,
    clock,
    stopwatch,
    log,
    maxConnectionsPerUser: config.maxConnectionsPerUser,
    heartbeatMs: config.heartbeatMs,
    lookMs: limits.lookMs,
    drainSliceMs: limits.drainSliceMs,
    observers: backend.cluster ? [presence] : [],
  })
  const cluster = openLive(backend, { sessions, presence, log })
  let tracing: Tracing | undefined
  try {
    tracing = await openTracing(config.tracing, log)
    await cluster?.start()
    const live = cluster ?? sessions
    const opened = { backend, issuers, sessions, live, cluster, limits, metrics, tracing }
    return await startOver(opened, config, { ...options, clock })
  } catch (error) {
    sessions.close(1001, 'not started')
    issuers.close()
    await cluster?.close()
    await backend.close()
    await tracing?.close()
    metrics.close()
    throw error
  }
}

/** What is open before the service listens, and is closed where it does not come to that. */
interface Opened {
  backend: Backend
  metrics: Metrics
  issuers: OpenIssuers
  /** The connections of this process, and … */
  sessions: LiveSessions
  /** … those of all nodes, … */
  live: LiveConnections
  /** … where there are several. */
  cluster: ClusterLive | undefined
  tracing: Tracing | undefined
  limits: SocketLimits
}

/** What is made of it: who may call, and what works for them. */
interface Inner extends Opened {
  callers: Callers
  marker: Marker
  caretaker: Caretaker
  wayOut: WayOut
  clock: Clock
  log: Log
}

async function startOver(
  opened: Opened,
  config: Config,
  { log, clock, times }: ServiceOptions & { clock: Clock },
): Promise<Service> {
  const { backend, metrics, issuers, sessions, live, cluster, tracing } = opened
  const { store, wake } = backend
  const others = backend.cluster && { ...backend.cluster, local: sessions }
  const callers = await settleCallers(config, { issuers, store, live, others, clock, log })
  cluster?.followRevocations(() => callers.revoker.poll())
  const marker = new Marker({ store, wake, clock, stopwatch })
  const caretaker = new Caretaker({
    store,
    wake,
    // A device must not be taken for gone that is connected where this node can't see it now.
    live: cluster ? { connections: (user) => cluster.connectionsForCertain(user) } : sessions,
    revoker: callers.revoker,
    duties: backend.cluster && new ClusterDuties({ ...backend.cluster, stopwatch }),
    clock,
    retentionMs: config.retentionMs,
    report: (error) => log.error({ err: error }, 'a step of the caretaker failed'),
  })
  const wayOut = new WayOut()
  const inner: Inner = { ...opened, callers, marker, caretaker, wayOut, clock, log }
  const { url, reload, certificateEndsAt, ...listeners } = await openListeners(config, {
    http: httpContext(inner, config),
    socket: sessionContext(inner, config),
    stopwatch,
    times,
  })
  warnOfReplaceableKeys(config, log)
  issuers.prepare()
  caretaker.start()
  const census = sessions.census.bind(sessions)
  metrics.observe({
    store,
    cluster: observedCluster(opened),
    census,
    certificateEndsAt,
    isStopping: wayOut.isAnnounced,
    clock,
  })

  const { shutdownTimeoutMs: timeoutMs } = config
  const running = { ...listeners, wayOut, sessions, issuers, caretaker, cluster, backend }
  let stopped: Promise<void> | undefined
  return {
    url,
    opsUrl: listeners.operations?.url,
    reload,
    connections: () => sessions.size,
    close: ({ lead = false } = {}) =>
      (stopped ??= stop({ ...running, metrics, tracing, log, timeoutMs }, { lead })),
  }
}

/** What the routes are given. */
function httpContext(
  { callers, live, metrics, ...inner }: Inner,
  config: Config,
): Omit<HttpContext, 'origins' | 'loopbackHostsOnly'> {
  const { backend, marker, caretaker, wayOut, clock, log, tracing } = inner
  const { store, wake } = backend
  const { verify, revoker, addresses, quotas } = callers
  return {
    store,
    wake,
    marker,
    caretaker,
    live,
    revoker,
    clock,
    retentionMs: config.retentionMs,
    verify,
    addresses,
    quotas,
    log,
    traffic: metrics.traffic,
    metrics,
    tracing,
    console: consoleOf(config, clock),
    wayOut,
  }
}

/** What the sessions are. */
function sessionContext(
  { callers, sessions, live, metrics, ...inner }: Inner,
  config: Config,
): SessionContext {
  const { backend, marker, wayOut, clock, log, limits, tracing } = inner
  const { store } = backend
  const { verify, quotas, revocations } = callers
  const devices = {
    store,
    // For whom to spare when a device must go, those of this node do: the opening must not wait for a look at the others.
    live: {
      connections: (user: string) => sessions.connections(user),
      end: live.end.bind(live),
    },
    maxDevices: config.maxDevicesPerUser,
    report: (error: unknown) => {
      // A stop ends it between two steps: what is left names nobody, and goes with its notification.
      if (!wayOut.isStopping()) log.error({ err: error }, 'a device that went was not cleared away')
    },
  }
  return {
    store: {
      acknowledge: (command) => store.acknowledge(command),
      changes: (query) => store.changes(query),
      openDevice: (command) => openDevice(devices, command),
    },
    marker,
    ownTopics: new OwnTopics({ store, clock, maxTopicsPerUser: config.maxTopicsPerUser }),
    verify,
    quotas,
    revocations,
    clock,
    stopwatch,
    log,
    traffic: metrics.traffic,
    connections: metrics.connections,
    tracing,
    heartbeatMs: config.heartbeatMs,
    idleTimeoutMs: config.idleTimeoutMs,
    maxUnacked: config.maxUnacked,
    limits,
    registry: new Unauthenticated(sessions, limits),
  }
}

/** This node among others, where there may be some. */
function observedCluster({ backend, cluster, sessions }: Opened): ObservedCluster | undefined {
  if (!backend.cluster || !cluster) return undefined
  return {
    ...backend.cluster.observed,
    missedWakes: () => sessions.missedWakes,
    leaseMs: () => cluster.leaseMs,
  }
}

/** The connections of all nodes, where there are several. */
function openLive(
  { cluster }: Backend,
  { sessions, presence, log }: { sessions: LiveSessions; presence: PresenceChanges; log: Log },
): ClusterLive | undefined {
  if (!cluster) return undefined
  return new ClusterLive({
    local: sessions,
    changes: presence,
    store: cluster.store,
    bus: cluster.bus,
    stopwatch,
    report: (error) => log.error({ err: error }, 'the other nodes could not be told, or asked'),
  })
}

function warnOfReplaceableKeys({ issuers }: Config, log: Log): void {
  for (const { keys } of issuers) {
    if (keys.kind === 'jwks' && isReplaceable(keys.url)) {
      log.warn({ host: new URL(keys.url).host }, 'keys come over http: they can be replaced')
    }
  }
}

/** The console, where it is on; only in development it may mint. */
function consoleOf(
  { console, inDevelopment, issuers }: Config,
  clock: Clock,
): HttpContext['console'] {
  if (!console) return undefined
  return { mint: inDevelopment ? (mintable) => mint(issuers, mintable, clock()) : undefined }
}

const stopwatch = (): number => performance.now()
