import * as z from 'zod/mini'
import { AUTH_EXPECTED, AUTH_SETTINGS, authComplaints, readIssuers } from './auth/environment.js'
import type { IssuerSettings } from './auth/issuers.js'
import {
  DATABASE_EXPECTED,
  DATABASE_SETTINGS,
  dataFolder,
  databaseComplaints,
  readBus,
  readDatabase,
  readNodeName,
  type BusSettings,
  type DatabaseSettings,
} from './database-settings.js'
import { isAddressBlock } from './http/addresses.js'
import { LOG_LEVELS, type LogLevel } from './telemetry/log.js'
import {
  readTracing,
  tracingComplaints,
  type TracingSettings,
} from './telemetry/tracing-settings.js'

/** The settings of a service; every duration in milliseconds. */
export interface Config {
  host: string
  /** 0 takes a free one. */
  port: number
  /** Where operators ask without a token; 0 takes a free one, and none is opened where undefined. */
  opsPort: number | undefined
  /** Under which users' pages reach the service; by its own address where undefined. */
  publicOrigin: string | undefined
  database: DatabaseSettings
  /** How nodes wake one another; undefined where the database is a file, which one service has for itself. */
  bus: BusSettings | undefined
  /** What tells this node from others over the same database. */
  nodeName: string
  /** Whose tokens are believed: at least one. */
  issuers: readonly IssuerSettings[]
  /** Whether no keys are configured: the service makes a secret of its own, and serves this machine alone. */
  inDevelopment: boolean
  /** Origins whose pages may connect, beside the service's own. */
  allowedOrigins: readonly string[]
  /** Whether a socket's token may stand in its URL, which proxies log. */
  allowQueryToken: boolean
  /** How long entries are kept since their last change, devices since they were seen, and what became of notifications. */
  retentionMs: number
  /** Most entries of one inbox. */
  inboxLimit: number
  maxConnectionsPerUser: number
  maxDevicesPerUser: number
  /** Topics to which a user may subscribe by itself. */
  maxTopicsPerUser: number
  heartbeatMs: number
  /** How long a connection may go on without a message of its client; for ever where undefined. */
  idleTimeoutMs: number | undefined
  /** Entries that a connection may be sent and not yet have acknowledged. */
  maxUnacked: number
  /** Sockets of all users together. */
  maxConnections: number
  /** Whose `X-Forwarded-For` is believed: addresses, and blocks of them. */
  trustedProxies: readonly string[]
  /** Of one user, over HTTP, openings of sockets included; any number where undefined. */
  userRequestsPerSecond: number | undefined
  /** Of one service, each item of a batch counted; any number where undefined. */
  serviceRequestsPerSecond: number | undefined
  /** Sockets that are opened from one address; any number where undefined. */
  addressUpgradesPerSecond: number | undefined
  /** Forged tokens from one address; any number where undefined. */
  addressFailuresPerMinute: number | undefined
  shutdownTimeoutMs: number
  /** Whether the console is served, which mints tokens for whoever opens it where the service is in development. */
  console: boolean
  /** PEM files: the certificate with its chain, and its key. Plain HTTP where undefined. */
  tls: { certFile: string; keyFile: string } | undefined
  logLevel: LogLevel
  /** Where traces go; nowhere where undefined. */
  tracing: TracingSettings | undefined
}

/** Settings that can't be used: one line for each that is wrong. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly lines: readonly string[]

  constructor(lines: readonly string[]) {
    super(lines.join('\n'))
    this.lines = lines
  }
}

const Whole = (minimum: number, maximum: number) =>
  z.pipe(
    z.pipe(z.string().check(z.regex(/^\d{1,15}$/)), z.transform(Number)),
    z.int().check(z.minimum(minimum), z.maximum(maximum)),
  )

const Flag = z.pipe(
  z.enum(['true', 'false']),
  z.transform((text) => text === 'true'),
)

/** Several, separated by commas. */
const Listed = (isOne: (text: string) => boolean) =>
  z.pipe(
    z.pipe(
      z.string(),
      z.transform((text) => text.split(',').map((one) => one.trim())),
    ),
    z.array(z.string().check(z.refine(isOne))),
  )

/** 0 is no limit. */
const Rate = (minimum: number, maximum: number) => z.union([Whole(0, 0), Whole(minimum, maximum)])

const Environment = z.object({
  HOST: z._default(z.string(), '127.0.0.1'),
  PORT: z._default(Whole(0, 65_535), 8080),
  OPS_PORT: z.optional(Whole(0, 65_535)),
  PUBLIC_URL: z.optional(z.string().check(z.refine(isHttpUrl))),
  ...DATABASE_SETTINGS,
  DATABASE_CONNECTIONS: z._default(Whole(2, 200), 10),
  ...AUTH_SETTINGS,
  ALLOWED_ORIGINS: z._default(Listed(isOrigin), []),
  ALLOW_QUERY_TOKEN: z._default(Flag, false),
  RETENTION_DAYS: z._default(Whole(1, 36_500), 30),
  INBOX_LIMIT: z._default(Whole(1, 1_000_000), 1_000),
  MAX_CONNECTIONS_PER_USER: z._default(Whole(1, 10_000), 20),
  MAX_DEVICES_PER_USER: z._default(Whole(1, 10_000), 50),
  MAX_TOPICS_PER_USER: z._default(Whole(0, 100_000), 200),
  // Node's timers hold 31 bits; longer ones would fire at once (https://nodejs.org/api/timers.html).
  HEARTBEAT_MS: z._default(Whole(100, 3_600_000), 25_000), // 25 seconds
  IDLE_TIMEOUT_MS: z._default(Whole(0, 86_400_000), 0), // off
  MAX_UNACKED: z._default(Whole(1, 100_000), 512),
  MAX_CONNECTIONS: z._default(Whole(1, 1_000_000), 20_000), // some 200 MB at 10 kB each
  TRUSTED_PROXIES: z._default(Listed(isAddressBlock), []),
  USER_REQUESTS_PER_SECOND: z._default(Rate(1, 100_000), 50),
  // A batch of 500 must fit into the ten seconds over which requests are counted.
  SERVICE_REQUESTS_PER_SECOND: z._default(Rate(50, 1_000_000), 0), // off
  ADDRESS_UPGRADES_PER_SECOND: z._default(Rate(1, 100_000), 100),
  ADDRESS_FAILURES_PER_MINUTE: z._default(Rate(1, 100_000), 30),
  SHUTDOWN_TIMEOUT_MS: z._default(Whole(100, 3_600_000), 10_000), // 10 seconds
  CONSOLE: z.optional(Flag),
  TLS_CERT: z.optional(z.string()),
  TLS_KEY: z.optional(z.string()),
  LOG_LEVEL: z._default(z.enum(LOG_LEVELS), 'info'),
})

/** What is right, for whoever reads that it is wrong. */
const EXPECTED: Readonly<Record<string, string>> = {
  PORT: 'a port, or 0 for a free one',
  OPS_PORT: 'a port, or 0 for a free one',
  PUBLIC_URL: 'an http(s) URL, like https://notify.example',
  ...DATABASE_EXPECTED,
  ...AUTH_EXPECTED,
  ALLOWED_ORIGINS: 'origins, like https://app.example, separated by commas',
  ALLOW_QUERY_TOKEN: 'true or false',
  RETENTION_DAYS: 'days, 1 to 36500',
  INBOX_LIMIT: 'a number of entries, 1 to 1000000',
  MAX_CONNECTIONS_PER_USER: 'a number of connections, 1 to 10000',
  MAX_DEVICES_PER_USER: 'a number of devices, 1 to 10000',
  MAX_TOPICS_PER_USER: 'a number of topics, 0 to 100000',
  HEARTBEAT_MS: 'milliseconds, 100 to 3600000',
  IDLE_TIMEOUT_MS: 'milliseconds up to 86400000, or 0 for none',
  MAX_UNACKED: 'a number of entries, 1 to 100000',
  MAX_CONNECTIONS: 'a number of connections, 1 to 1000000',
  TRUSTED_PROXIES: 'addresses or blocks of them, like 10.0.0.0/8, separated by commas',
  USER_REQUESTS_PER_SECOND: 'a number of requests, 1 to 100000, or 0 for any',
  SERVICE_REQUESTS_PER_SECOND: 'a number of requests, 50 to 1000000, or 0 for any',
  ADDRESS_UPGRADES_PER_SECOND: 'a number of sockets, 1 to 100000, or 0 for any',
  ADDRESS_FAILURES_PER_MINUTE: 'a number of tokens, 1 to 100000, or 0 for any',
  SHUTDOWN_TIMEOUT_MS: 'milliseconds, 100 to 3600000',
  CONSOLE: 'true or false',
  LOG_LEVEL: LOG_LEVELS.join(', '),
}

/**
 * Reads the settings from the environment, and the file that `AUTH_CONFIG` names; an empty variable counts as absent.
 * @throws ConfigError for what is invalid, or does not go together; values are not repeated, since some are secret
 */
export function readConfig(environment: NodeJS.ProcessEnv): Config {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''))
  const parsed = Environment.safeParse(given)
  const lines = (parsed.success ? [] : parsed.error.issues.map(({ path }) => String(path[0])))
    .filter((name, index, names) => names.indexOf(name) === index)
    .map((name) => `${name}: must be ${EXPECTED[name] ?? 'something else'}`)
  lines.push(
    ...databaseComplaints(given),
    ...authComplaints(given),
    ...tlsComplaints(given),
    ...portComplaints(given),
    ...tracingComplaints(given),
  )
  if (!parsed.success || lines.length > 0) throw new ConfigError(lines)
  const settings = parsed.data
  const database = readDatabase(settings, settings.DATABASE_CONNECTIONS)
  const read = readIssuers(settings, dataFolder(database))
  if ('complaints' in read) throw new ConfigError(read.complaints)
  const inDevelopment = read.issuers.some(({ keys }) => keys.kind === 'development')
  return {
    // As in a URL or bare: [::1] and ::1 are one host.
    host: settings.HOST.replace(/^\[(.*)\]$/, '$1'),
    port: settings.PORT,
    opsPort: settings.OPS_PORT,
    publicOrigin: settings.PUBLIC_URL && new URL(settings.PUBLIC_URL).origin,
    database,
    bus: readBus(settings),
    nodeName: readNodeName(settings),
    issuers: read.issuers,
    inDevelopment,
    allowedOrigins: settings.ALLOWED_ORIGINS,
    allowQueryToken: settings.ALLOW_QUERY_TOKEN,
    retentionMs: settings.RETENTION_DAYS * 24 * 60 * 60 * 1000,
    inboxLimit: settings.INBOX_LIMIT,
    maxConnectionsPerUser: settings.MAX_CONNECTIONS_PER_USER,
    maxDevicesPerUser: settings.MAX_DEVICES_PER_USER,
    maxTopicsPerUser: settings.MAX_TOPICS_PER_USER,
    heartbeatMs: settings.HEARTBEAT_MS,
    idleTimeoutMs: settings.IDLE_TIMEOUT_MS === 0 ? undefined : settings.IDLE_TIMEOUT_MS,
    maxUnacked: settings.MAX_UNACKED,
    maxConnections: settings.MAX_CONNECTIONS,
    trustedProxies: settings.TRUSTED_PROXIES,
    userRequestsPerSecond: rateOf(settings.USER_REQUESTS_PER_SECOND),
    serviceRequestsPerSecond: rateOf(settings.SERVICE_REQUESTS_PER_SECOND),
    addressUpgradesPerSecond: rateOf(settings.ADDRESS_UPGRADES_PER_SECOND),
    addressFailuresPerMinute: rateOf(settings.ADDRESS_FAILURES_PER_MINUTE),
    shutdownTimeoutMs: settings.SHUTDOWN_TIMEOUT_MS,
    console: settings.CONSOLE ?? inDevelopment,
    tls:
      settings.TLS_CERT !== undefined && settings.TLS_KEY !== undefined
        ? { certFile: settings.TLS_CERT, keyFile: settings.TLS_KEY }
        : undefined,
    logLevel: settings.LOG_LEVEL,
    tracing: readTracing(given),
  }
}

function rateOf(setting: number): number | undefined {
  return setting === 0 ? undefined : setting
}

function portComplaints({ PORT = '8080', OPS_PORT }: NodeJS.ProcessEnv): string[] {
  if (OPS_PORT === undefined || Number(OPS_PORT) === 0 || Number(OPS_PORT) !== Number(PORT))
    return []
  return ['OPS_PORT: must be another port than PORT']
}

function tlsComplaints({ TLS_CERT, TLS_KEY }: NodeJS.ProcessEnv): string[] {
  if ((TLS_CERT === undefined) === (TLS_KEY === undefined)) return []
  return ['TLS_CERT and TLS_KEY: give both, or none']
}

function isHttpUrl(text: string): boolean {
  const url = URL.parse(text)
  return url !== null && (url.protocol === 'http:' || url.protocol === 'https:')
}

/** As browsers write it: scheme, host and port alone. */
function isOrigin(text: string): boolean {
  return isHttpUrl(text) && new URL(text).origin === text
}
