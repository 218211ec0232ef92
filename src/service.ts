import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { getRequestListener } from '@hono/node-server'
import { isReplaceable } from './auth/hosts.js'
import { mint } from './auth/mint.js'
import { FailedAttempts } from './auth/failed-attempts.js'
import { OpenIssuers } from './auth/open-issuers.js'
import type { OriginRule } from './auth/origins.js'
import { Quotas } from './auth/quotas.js'
import type { KeyTimes } from './auth/remote-keys.js'
import { Revocations } from './auth/revocations.js'
import { createVerifier } from './auth/verify.js'
import type { Config } from './config.js'
import { Addresses } from './http/addresses.js'
import { createApp } from './http/app.js'
import { warnOfDrops } from './http/dropped-connections.js'
import type { HttpContext } from './http/environment.js'
import { answerClientError } from './http/client-error.js'
import { openOperations } from './http/operations-server.js'
import { unroutedHandler } from './http/problems.js'
import { listen, portOf } from './http/listen.js'
import { withSecurityHeaders } from './http/security-headers.js'
import { openServer, type ServerTimes } from './http/server.js'
import { SilentConnections } from './http/silent-connections.js'
import { serveWithoutUpgrade } from './http/without-upgrade.js'
import { logStore } from './log-store.js'
import { Caretaker } from './inbox/caretaker.js'
import type { Clock } from './inbox/clock.js'
import { openDevice } from './inbox/devices.js'
import { Marker } from './inbox/marker.js'
import { OwnTopics } from './inbox/own-topics.js'
import { Revoker } from './inbox/revoker.js'
import { InProcessWake, type Wake } from './inbox/wake.js'
import { REFUSALS } from './protocol/refusals.js'
import { VERSION } from './protocol/version.js'
import { SOCKET_LIMITS, type SocketLimits } from './socket/limits.js'
import { LiveSessions } from './socket/live-sessions.js'
import { SocketServer } from './socket/socket-server.js'
import { Unauthenticated } from './socket/unauthenticated.js'
import { SqliteStore } from './store/sqlite/store.js'
import { stop, WayOut } from './stop.js'
import type { Log } from './telemetry/log.js'
import { Metrics } from './telemetry/metrics.js'
import { openTracing } from './telemetry/tracing.js'

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

/** TCP connections beside the sockets: requests, those that wait for the next, and those on which nothing has come yet. */
const SPARE_CONNECTIONS = 5_000

/**
 * Starts a service: the one place that names concrete classes.
 * @throws KeysError or Error with what keeps it from starting; nothing is left open then
 */
export async function start(config: Config, options: ServiceOptions): Promise<Service> {
  const issuers = openIssuers(config, options)
  const { databasePath, inboxLimit } = config
  const { newEpoch = false } = options
  const report = logStore(options.log)
  const metrics = new Metrics({ version: VERSION, refusals: [...REFUSALS], stopwatch })
  const committed = metrics.store.committed.bind(metrics.store)
  const store = await SqliteStore.open(
    databasePath,
    { inboxLimit },
    { newEpoch, report, committed },
  )
  const wake = new InProcessWake()
  const limits = { ...SOCKET_LIMITS, ...options.limits }
  const sessions = new LiveSessions({
    wake,
    store,
    clock: options.clock ?? Date.now,
    stopwatch,
    log: options.log,
    maxConnectionsPerUser: config.maxConnectionsPerUser,
    heartbeatMs: config.heartbeatMs,
    lookMs: limits.lookMs,
    drainSliceMs: limits.drainSliceMs,
  })
  try {
    return await startOver({ store, issuers, wake, sessions, limits, metrics }, config, options)
  } catch (error) {
    sessions.close(1001, 'not started')
    issuers.close()
    await store.close()
    metrics.close()
    throw error
  }
}

function openIssuers(config: Config, { log, keyTimes }: ServiceOptions): OpenIssuers {
  return new OpenIssuers(config.issuers, {
    stopwatch,
    times: keyTimes,
    report: ({ kind, ...event }) => {
      if (kind === 'fetched') log.info(event, 'keys fetched')
      else log.warn(event, 'keys could not be fetched')
    },
  })
}

/** What is open before the service listens, and is closed where it does not come to that. */
interface Opened {
  store: SqliteStore
  metrics: Metrics
  issuers: OpenIssuers
  wake: Wake
  sessions: LiveSessions
  limits: SocketLimits
}

async function startOver(
  { store, issuers, wake, sessions, limits, metrics }: Opened,
  config: Config,
  options: ServiceOptions,
): Promise<Service> {
  const { log, clock = Date.now } = options
  const { heartbeatMs, maxUnacked, allowQueryToken, inDevelopment, retentionMs } = config
  const revocations = new Revocations()
  const revoker = new Revoker({ store, revoked: revocations, live: sessions })
  await revoker.load()
  const addresses = new Addresses(config.trustedProxies)
  const quotas = new Quotas(config)
  const { addressFailuresPerMinute: failures } = config
  const attempts =
    failures === undefined
      ? undefined
      : new FailedAttempts(failures, (address) =>
          log.warn({ address }, 'too many tokens from this address were refused'),
        )
  const verify = createVerifier({ issuers: issuers.all, clock, revocations, attempts })
  const marker = new Marker({ store, wake, clock, stopwatch })
  const caretaker = new Caretaker({
    store,
    wake,
    live: sessions,
    revoker,
    clock,
    retentionMs,
    report: (error) => log.error({ err: error }, 'a step of the caretaker failed'),
  })
  const wayOut = new WayOut()
  const tracing = await openTracing(config.tracing, log)

  const { server, scheme, reload } = openServer({
    tls: config.tls,
    times: options.times,
    maxConnections: config.maxConnections + SPARE_CONNECTIONS,
  })
  const origins: OriginRule = {
    allowed: new Set([
      ...config.allowedOrigins,
      ...(config.publicOrigin ? [config.publicOrigin] : []),
    ]),
    // In development, its own: known once it listens, which is before anyone can ask.
    loopbackPort: undefined,
    loopbackScheme: scheme,
  }
  const http: HttpContext = {
    store,
    wake,
    marker,
    caretaker,
    live: sessions,
    revoker,
    clock,
    retentionMs,
    verify,
    addresses,
    quotas,
    log,
    traffic: metrics.traffic,
    metrics,
    tracing,
    origins,
    loopbackHostsOnly: inDevelopment,
    console: consoleOf(config, clock),
    wayOut,
  }
  const app = createApp(http)
  const answer = getRequestListener(app.fetch, { errorHandler: unroutedHandler(log) })
  const serve = withSecurityHeaders((request, response) => void answer(request, response), {
    strictTransport: scheme === 'https' && !inDevelopment,
  })
  server.on('request', serve)
  const silent = new SilentConnections(server)
  const { host, port, opsPort } = config
  const operations =
    opsPort === undefined ? undefined : await openOperations(http, { host, port: opsPort })
  const url = await listen(server, { scheme, host, port }).catch(async (error: unknown) => {
    await operations?.close(0)
    throw error
  })
  if (inDevelopment) origins.loopbackPort = portOf(server)
  for (const { keys } of config.issuers) {
    if (keys.kind === 'jwks' && isReplaceable(keys.url)) {
      log.warn({ host: new URL(keys.url).host }, 'keys come over http: they can be replaced')
    }
  }
  if (config.console && !inDevelopment && origins.allowed.size === 0) {
    log.warn("the console's page can open no socket: set PUBLIC_URL to where it is opened")
  }
  issuers.prepare()

  const devices = {
    store,
    live: sessions,
    maxDevices: config.maxDevicesPerUser,
    report: (error: unknown) => {
      // A stop ends it between two steps: what is left names nobody, and goes with its notification.
      if (!wayOut.isStopping()) log.error({ err: error }, 'a device that went was not cleared away')
    },
  }
  const sockets = new SocketServer({
    verify,
    addressOf: (request) => addresses.of(request),
    maxConnections: config.maxConnections,
    addressUpgradesPerSecond: config.addressUpgradesPerSecond,
    origins,
    loopbackHostsOnly: inDevelopment,
    allowQueryToken,
    context: {
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
      heartbeatMs,
      idleTimeoutMs: config.idleTimeoutMs,
      maxUnacked,
      limits,
      registry: new Unauthenticated(sessions, limits),
    },
    isStopping: wayOut.isStopping,
  })
  server.on('error', (error) => log.error({ err: error }, 'server failed'))
  warnOfDrops(server, log, stopwatch)
  server.on('clientError', answerClientError)
  // RFC 9110 §10.1.1 lets a server pass over an expectation that it doesn't know.
  server.on('checkExpectation', serve)
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (request.headers.upgrade?.toLowerCase() === 'websocket') sockets.take(request, socket, head)
    else serveWithoutUpgrade(server, request, socket, head)
  })

  caretaker.start()
  const census = sessions.census.bind(sessions)
  metrics.observe({ store, census, isStopping: wayOut.isAnnounced, clock })

  const running = {
    wayOut,
    server,
    silent,
    sessions,
    sockets,
    issuers,
    caretaker,
    store,
    metrics,
    operations,
    tracing,
    log,
  }
  let stopped: Promise<void> | undefined
  return {
    url,
    opsUrl: operations?.url,
    reload,
    connections: () => sessions.size,
    close: ({ lead = false } = {}) =>
      (stopped ??= stop({ ...running, timeoutMs: config.shutdownTimeoutMs }, { lead })),
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
