import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { IssuerSettings } from '../src/auth/issuers.js'
import { ConfigError, readConfig } from '../src/config.js'
import { temporaryFolder } from './harness.js'

const SECRET = 'a secret that must not be repeated'

/** The lines that these settings are refused with; fails where they are taken. */
function linesOf(environment: Record<string, string>): readonly string[] {
  try {
    readConfig(environment)
  } catch (error) {
    if (error instanceof ConfigError) return error.lines
    throw error
  }
  throw new Error('the settings were taken')
}

test('has the defaults of the contract, and is in development', () => {
  expect(readConfig({ NODE_NAME: 'first' })).toEqual({
    host: '127.0.0.1',
    port: 8080,
    publicOrigin: undefined,
    database: { kind: 'sqlite', path: resolve('data/posthorn.db') },
    nodeName: 'first',
    issuers: [
      {
        name: undefined,
        audiences: [],
        grants: new Set(['user', 'service']),
        userPrefix: '',
        keys: { kind: 'development', file: resolve('data/development.secret') },
        setting: 'development.secret',
      },
    ],
    inDevelopment: true,
    allowedOrigins: [],
    allowQueryToken: false,
    retentionMs: 30 * 24 * 60 * 60 * 1000,
    inboxLimit: 1_000,
    maxConnectionsPerUser: 20,
    maxDevicesPerUser: 50,
    maxTopicsPerUser: 200,
    heartbeatMs: 25_000,
    maxUnacked: 512,
    maxConnections: 20_000,
    trustedProxies: [],
    userRequestsPerSecond: 50,
    addressUpgradesPerSecond: 100,
    addressFailuresPerMinute: 30,
    shutdownTimeoutMs: 10_000,
    console: true,
    logLevel: 'info',
  })
})

test('reads each setting', () => {
  expect(
    readConfig({
      HOST: '0.0.0.0',
      PORT: '0',
      OPS_PORT: '9090',
      PUBLIC_URL: 'https://notify.example:8443/path?x=1',
      DATABASE_URL: 'sqlite:/var/lib/posthorn/log.db',
      NODE_NAME: 'first',
      JWT_SECRET: SECRET,
      JWT_ISSUER: 'https://issuer.example',
      JWT_AUDIENCE: 'posthorn',
      JWT_GRANTS: 'service',
      ALLOWED_ORIGINS: 'https://app.example, http://localhost:3000',
      ALLOW_QUERY_TOKEN: 'true',
      RETENTION_DAYS: '7',
      INBOX_LIMIT: '10',
      MAX_CONNECTIONS_PER_USER: '3',
      MAX_DEVICES_PER_USER: '4',
      MAX_TOPICS_PER_USER: '5',
      HEARTBEAT_MS: '1000',
      MAX_UNACKED: '10',
      MAX_CONNECTIONS: '6',
      TRUSTED_PROXIES: '10.0.0.0/8, 2001:db8::/32,192.0.2.7',
      USER_REQUESTS_PER_SECOND: '7',
      SERVICE_REQUESTS_PER_SECOND: '80',
      ADDRESS_UPGRADES_PER_SECOND: '9',
      ADDRESS_FAILURES_PER_MINUTE: '0',
      SHUTDOWN_TIMEOUT_MS: '2000',
      CONSOLE: 'true',
      LOG_LEVEL: 'debug',
      SOMETHING_ELSE: 'is not ours',
    }),
  ).toEqual({
    host: '0.0.0.0',
    port: 0,
    opsPort: 9090,
    publicOrigin: 'https://notify.example:8443',
    database: { kind: 'sqlite', path: '/var/lib/posthorn/log.db' },
    nodeName: 'first',
    issuers: [
      {
        name: 'https://issuer.example',
        audiences: ['posthorn'],
        grants: new Set(['service']),
        userPrefix: '',
        keys: { kind: 'secret', secret: SECRET },
        setting: 'JWT_SECRET',
      },
    ],
    inDevelopment: false,
    allowedOrigins: ['https://app.example', 'http://localhost:3000'],
    allowQueryToken: true,
    retentionMs: 7 * 24 * 60 * 60 * 1000,
    inboxLimit: 10,
    maxConnectionsPerUser: 3,
    maxDevicesPerUser: 4,
    maxTopicsPerUser: 5,
    heartbeatMs: 1_000,
    maxUnacked: 10,
    maxConnections: 6,
    trustedProxies: ['10.0.0.0/8', '2001:db8::/32', '192.0.2.7'],
    userRequestsPerSecond: 7,
    serviceRequestsPerSecond: 80,
    addressUpgradesPerSecond: 9,
    shutdownTimeoutMs: 2_000,
    console: true,
    logLevel: 'debug',
  })
})

test('has the console on in development, and elsewhere where that is asked for', () => {
  const keys = { JWT_SECRET: SECRET }
  expect(readConfig({}).console).toBe(true)
  expect(readConfig({ CONSOLE: 'false' }).console).toBe(false)
  expect(readConfig(keys).console).toBe(false)
  expect(readConfig({ ...keys, CONSOLE: 'false' }).console).toBe(false)
  expect(readConfig({ ...keys, CONSOLE: 'true' }).console).toBe(true)
})

test('takes an empty variable as absent, whichever it is', () => {
  const names = [
    'HOST',
    'PORT',
    'PUBLIC_URL',
    'DATABASE_URL',
    'DATABASE_CONNECTIONS',
    'NODE_NAME',
    'NOTIFY_URL',
    'BUS_URL',
    'JWT_SECRET',
    'JWT_PUBLIC_KEY',
    'JWT_ISSUER',
    'JWT_AUDIENCE',
    'ALLOWED_ORIGINS',
    'ALLOW_QUERY_TOKEN',
    'HEARTBEAT_MS',
    'MAX_UNACKED',
    'SHUTDOWN_TIMEOUT_MS',
    'LOG_LEVEL',
    'JWKS_URL',
    'JWT_GRANTS',
    'AUTH_CONFIG',
    'RETENTION_DAYS',
    'INBOX_LIMIT',
    'MAX_CONNECTIONS_PER_USER',
    'MAX_DEVICES_PER_USER',
    'MAX_TOPICS_PER_USER',
    'OPS_PORT',
    'CONSOLE',
    'MAX_CONNECTIONS',
    'TRUSTED_PROXIES',
    'USER_REQUESTS_PER_SECOND',
    'SERVICE_REQUESTS_PER_SECOND',
    'ADDRESS_UPGRADES_PER_SECOND',
    'ADDRESS_FAILURES_PER_MINUTE',
  ]
  const { nodeName: _drawn, ...empty } = readConfig(
    Object.fromEntries(names.map((name) => [name, ''])),
  )
  expect(readConfig({})).toMatchObject(empty)
})

describe('bounds', () => {
  test.each([
    ['PORT', '0'],
    ['PORT', '65535'],
    ['OPS_PORT', '0'],
    ['OPS_PORT', '65535'],
    ['HEARTBEAT_MS', '100'],
    ['HEARTBEAT_MS', '3600000'],
    ['MAX_UNACKED', '1'],
    ['MAX_UNACKED', '100000'],
    ['RETENTION_DAYS', '1'],
    ['RETENTION_DAYS', '36500'],
    ['INBOX_LIMIT', '1'],
    ['INBOX_LIMIT', '1000000'],
    ['MAX_CONNECTIONS_PER_USER', '1'],
    ['MAX_CONNECTIONS_PER_USER', '10000'],
    ['MAX_DEVICES_PER_USER', '1'],
    ['MAX_DEVICES_PER_USER', '10000'],
    ['MAX_TOPICS_PER_USER', '0'],
    ['MAX_TOPICS_PER_USER', '100000'],
    ['SHUTDOWN_TIMEOUT_MS', '100'],
    ['SHUTDOWN_TIMEOUT_MS', '3600000'],
    ['JWT_SECRET', 'x'.repeat(32)],
    ['JWT_SECRET', 'ä'.repeat(16)],
    ['LOG_LEVEL', 'trace'],
    ['LOG_LEVEL', 'silent'],
    ['ALLOW_QUERY_TOKEN', 'false'],
    ['PUBLIC_URL', 'http://localhost'],
    ['DATABASE_URL', 'sqlite:x'],
    ['DATABASE_URL', 'postgres://x'],
    ['DATABASE_CONNECTIONS', '2'],
    ['DATABASE_CONNECTIONS', '200'],
    ['NODE_NAME', 'a'],
    ['NODE_NAME', `${'a'.repeat(60)}.B_-`],
    ['JWT_GRANTS', 'user,service'],
    ['JWT_GRANTS', 'service, user'],
    ['JWT_GRANTS', 'user'],
    ['JWKS_URL', 'https://issuer.example/.well-known/jwks.json'],
    ['JWKS_URL', 'http://127.0.0.1:8000/keys?of=us'],
    ['IDLE_TIMEOUT_MS', '0'],
    ['IDLE_TIMEOUT_MS', '86400000'],
    ['CONSOLE', 'false'],
    ['MAX_CONNECTIONS', '1'],
    ['MAX_CONNECTIONS', '1000000'],
    ['TRUSTED_PROXIES', '127.0.0.1'],
    ['TRUSTED_PROXIES', '10.0.0.0/8 , ::1, fd00::/8,192.0.2.7/32'],
    ['USER_REQUESTS_PER_SECOND', '0'],
    ['USER_REQUESTS_PER_SECOND', '100000'],
    ['SERVICE_REQUESTS_PER_SECOND', '0'],
    ['SERVICE_REQUESTS_PER_SECOND', '50'],
    ['SERVICE_REQUESTS_PER_SECOND', '1000000'],
    ['ADDRESS_UPGRADES_PER_SECOND', '0'],
    ['ADDRESS_UPGRADES_PER_SECOND', '1'],
    ['ADDRESS_FAILURES_PER_MINUTE', '0'],
    ['ADDRESS_FAILURES_PER_MINUTE', '100000'],
  ])('let by %s=%s', (name, value) => {
    expect(() => readConfig({ [name]: value })).not.toThrow()
  })

  test.each([
    ...['65536', '-1', '80.5', '0x50', 'http', ' 80', '1e3', '٣'].map((value) => ['PORT', value]),
    ...['65536', '-1', 'off'].map((value) => ['OPS_PORT', value]),
    ...['99', '3600001', '0', '-5', '25s'].map((value) => ['HEARTBEAT_MS', value]),
    ...['0', '100001', 'many', '9'.repeat(30)].map((value) => ['MAX_UNACKED', value]),
    ...['0', '36501', '0.5', '30d', 'never'].map((value) => ['RETENTION_DAYS', value]),
    ...['0', '1000001', 'none'].map((value) => ['INBOX_LIMIT', value]),
    ...['0', '10001'].map((value) => ['MAX_CONNECTIONS_PER_USER', value]),
    ...['0', '10001'].map((value) => ['MAX_DEVICES_PER_USER', value]),
    ...['-1', '100001'].map((value) => ['MAX_TOPICS_PER_USER', value]),
    ...['99', '3600001', 'never'].map((value) => ['SHUTDOWN_TIMEOUT_MS', value]),
    ...['x', 'x'.repeat(31)].map((value) => ['JWT_SECRET', value]),
    ...['issuer.example', 'ftp://x', 'file:///keys', '/keys', 'https://'].map((value) => [
      'JWKS_URL',
      value,
    ]),
    ...['admin', 'user service', 'user,', 'USER', ','].map((value) => ['JWT_GRANTS', value]),
    ...['verbose', 'INFO', 'fatal'].map((value) => ['LOG_LEVEL', value]),
    ...['yes', '1', 'TRUE'].map((value) => ['ALLOW_QUERY_TOKEN', value]),
    ...['0', '1000001'].map((value) => ['MAX_CONNECTIONS', value]),
    ...[
      'proxy.example',
      '10.0.0.0/8,',
      '10.0.0.0/33',
      '10.0.0.0/0',
      '10.0.0.0/-8',
      '10.0.0',
      '*',
    ].map((value) => ['TRUSTED_PROXIES', value]),
    ...['::1/129', '::/0', '::ffff:10.0.0.0/104', '10.0.0.0/8/8', '10.0.0.1:80'].map((value) => [
      'TRUSTED_PROXIES',
      value,
    ]),
    ...['-1', '100001', '0.5'].map((value) => ['USER_REQUESTS_PER_SECOND', value]),
    ...['49', '1', '1000001'].map((value) => ['SERVICE_REQUESTS_PER_SECOND', value]),
    ...['-1', '100001', 'off'].map((value) => ['ADDRESS_UPGRADES_PER_SECOND', value]),
    ...['-1', '100001', 'off'].map((value) => ['ADDRESS_FAILURES_PER_MINUTE', value]),
    ...['on', '0', 'False'].map((value) => ['CONSOLE', value]),
    ...['notify.example', 'ftp://x', '/path', 'https://'].map((value) => ['PUBLIC_URL', value]),
    ...['postgres:x', 'postgres//x', 'mysql://x', 'sqlite:', 'x.db', ' sqlite:x'].map((value) => [
      'DATABASE_URL',
      value,
    ]),
    ...['1', '201', 'all'].map((value) => ['DATABASE_CONNECTIONS', value]),
    ...['a b', 'a/b', 'ä', 'a'.repeat(65)].map((value) => ['NODE_NAME', value]),
    ...['https://app.example/', 'app.example', 'null', '*'].map((value) => [
      'ALLOWED_ORIGINS',
      value,
    ]),
    ...['https://a.example,', 'https://a.example https://b.example', 'https://A.example'].map(
      (value) => ['ALLOWED_ORIGINS', value],
    ),
  ])('refuse %s=%s in one line that names it', (name = '', value = '') => {
    const lines = linesOf({ [name]: value })
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(new RegExp(`^${name}: must be .{4,}`))
    expect(lines[0]).not.toContain('something else')
    expect(lines[0]).not.toContain('\n')
  })
})

test('has a port for operators that is another than that of users', () => {
  expect(linesOf({ OPS_PORT: '8080' })).toEqual(['OPS_PORT: must be another port than PORT'])
  expect(linesOf({ PORT: '9090', OPS_PORT: '9090' })).toHaveLength(1)
  expect(readConfig({ PORT: '0', OPS_PORT: '0' }).opsPort).toBe(0)
})

test('tells everything that is wrong at once, each in its line', () => {
  const lines = linesOf({ PORT: 'x', LOG_LEVEL: 'x', JWT_SECRET: 'short' })
  expect(lines.map((line) => line.split(':')[0])).toEqual(['PORT', 'JWT_SECRET', 'LOG_LEVEL'])
})

test('tells of settings that do not go together beside those that are wrong', () => {
  const lines = linesOf({ PORT: 'x', JWT_SECRET: SECRET, JWT_PUBLIC_KEY: 'key.pem' })
  expect(lines).toHaveLength(2)
})

test('never repeats a secret', () => {
  const secret = 'hunter2'
  const wrong = [
    linesOf({ JWT_SECRET: secret }),
    linesOf({ DATABASE_URL: `mysql://user:${secret}@host` }),
    linesOf({ NOTIFY_URL: `postgres://user:${secret}@host` }),
    linesOf({ PUBLIC_URL: `ftp://user:${secret}@host` }),
    linesOf({ ALLOWED_ORIGINS: `https://user:${secret}@host` }),
    linesOf({ JWKS_URL: `https://user:${secret}@host` }),
    linesOf({ BUS_URL: `redis://:${secret}@host` }),
    linesOf({ JWT_SECRET: secret.repeat(9), JWT_PUBLIC_KEY: secret }),
    linesOf({ JWT_SECRET: secret.repeat(9), PORT: secret }),
  ]
  expect(wrong.flat().filter((line) => line.includes(secret))).toEqual([])
})

/** The one issuer that these settings name. */
function issuerOf(environment: Record<string, string>): IssuerSettings {
  const { issuers } = readConfig(environment)
  const [issuer] = issuers
  if (!issuer || issuers.length > 1) throw new Error('there is not one issuer')
  return issuer
}

describe('keys', () => {
  test('are one secret, or one file of public keys, or published', () => {
    const url = 'https://issuer.example/keys'
    expect(issuerOf({ JWT_SECRET: SECRET }).keys).toEqual({ kind: 'secret', secret: SECRET })
    expect(issuerOf({ JWT_PUBLIC_KEY: 'keys/key.pem' }).keys).toEqual({
      kind: 'public-key',
      file: resolve('keys/key.pem'),
    })
    expect(issuerOf({ JWKS_URL: url }).keys).toEqual({ kind: 'jwks', url })
  })

  test('are one of them alone', () => {
    const all = { JWT_SECRET: SECRET, JWT_PUBLIC_KEY: 'key.pem', JWKS_URL: 'https://x.example' }
    expect(linesOf({ JWT_SECRET: SECRET, JWT_PUBLIC_KEY: 'key.pem' })).toEqual([
      'JWT_SECRET and JWT_PUBLIC_KEY: give one of them',
    ])
    expect(linesOf({ ...all, AUTH_CONFIG: 'auth.json' })).toEqual([
      'JWT_SECRET and JWT_PUBLIC_KEY and JWKS_URL and AUTH_CONFIG: give one of them',
    ])
  })

  test('in development lie beside the database', () => {
    expect(issuerOf({ DATABASE_URL: 'sqlite:/tmp/here/log.db' }).keys).toEqual({
      kind: 'development',
      file: '/tmp/here/development.secret',
    })
  })

  test.each(['127.0.0.1', '127.0.0.2', 'localhost', '::1'])('may be absent on %s', (HOST) => {
    expect(readConfig({ HOST }).inDevelopment).toBe(true)
  })

  test.each([
    '0.0.0.0',
    '::',
    '10.0.0.5',
    'notify.example',
    '127.0.0.1.evil.example',
    'LOCALHOST.x',
  ])('may not be absent on %s', (HOST) => {
    const lines = linesOf({ HOST })
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(/^HOST: .*JWT_SECRET/)
    expect(readConfig({ HOST, JWT_SECRET: SECRET }).host).toBe(HOST)
    expect(readConfig({ HOST, JWKS_URL: 'https://x.example' }).inDevelopment).toBe(false)
  })
})

describe('AUTH_CONFIG', () => {
  test('names the issuers in its file, and none stands beside it', () => {
    using folder = temporaryFolder()
    const file = join(folder.path, 'auth.json')
    writeFileSync(file, JSON.stringify({ issuers: [{ issuer: 'shop', secret: SECRET }] }))
    expect(issuerOf({ AUTH_CONFIG: file })).toMatchObject({ name: 'shop' })
    expect(readConfig({ AUTH_CONFIG: file, HOST: '0.0.0.0' }).inDevelopment).toBe(false)
    expect(linesOf({ AUTH_CONFIG: file, JWT_ISSUER: 'x', JWT_GRANTS: 'user' })).toEqual([
      'JWT_ISSUER: with AUTH_CONFIG it stands in that file, for each issuer',
      'JWT_GRANTS: with AUTH_CONFIG it stands in that file, for each issuer',
    ])
  })

  test('stops the start with a line for each thing that is wrong in it', () => {
    using folder = temporaryFolder()
    const file = join(folder.path, 'auth.json')
    writeFileSync(file, JSON.stringify({ issuers: [{ issuer: '', grants: ['admin'] }] }))
    expect(linesOf({ AUTH_CONFIG: file })).toEqual([
      `AUTH_CONFIG: ${file}: /issuers/0/issuer: must not be empty`,
      `AUTH_CONFIG: ${file}: /issuers/0/grants/0: must be one of user, service`,
    ])
  })
})

test.each(['TLS_CERT', 'TLS_KEY'])('takes no %s alone', (name) => {
  expect(linesOf({ [name]: 'a.pem' })).toEqual(['TLS_CERT and TLS_KEY: give both, or none'])
})

const tracesTo = (environment: Record<string, string>) => readConfig(environment).tracing?.url

test('exports traces where the standard variables name a collector', () => {
  const all = 'http://collector:4318'
  expect(tracesTo({})).toBeUndefined()
  expect(
    tracesTo({ OTEL_SERVICE_NAME: 'notify', OTEL_TRACES_SAMPLER: 'always_on' }),
  ).toBeUndefined()
  expect(tracesTo({ OTEL_EXPORTER_OTLP_ENDPOINT: '' })).toBeUndefined()
  expect(tracesTo({ OTEL_EXPORTER_OTLP_ENDPOINT: all })).toBe(`${all}/v1/traces`)
  expect(tracesTo({ OTEL_EXPORTER_OTLP_ENDPOINT: `${all}/` })).toBe(`${all}/v1/traces`)
  const traces = 'https://traces.example/in'
  const both = { OTEL_EXPORTER_OTLP_ENDPOINT: all, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: traces }
  expect(tracesTo(both)).toBe(traces)
  expect(tracesTo({ ...both, OTEL_SDK_DISABLED: 'true' })).toBeUndefined()
  expect(tracesTo({ ...both, OTEL_TRACES_EXPORTER: 'none' })).toBeUndefined()
})

test('refuses settings of traces that the SDK would pass over', () => {
  const wrong = {
    OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318',
    OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
    OTEL_TRACES_SAMPLER: 'sometimes',
    OTEL_TRACES_SAMPLER_ARG: '1.5',
  }
  expect(linesOf(wrong)).toEqual([
    'OTEL_EXPORTER_OTLP_ENDPOINT: must be the http(s) URL of a collector, like http://127.0.0.1:4318',
    'OTEL_EXPORTER_OTLP_PROTOCOL: must be http/json: this version does not speak gRPC',
    expect.stringContaining('OTEL_TRACES_SAMPLER: must be always_on, always_off, traceidratio'),
    'OTEL_TRACES_SAMPLER_ARG: must be the share of traces, 0 to 1',
  ])
  // Where traces are off they are others' affair.
  expect(readConfig({ ...wrong, OTEL_EXPORTER_OTLP_ENDPOINT: '' }).tracing).toBeUndefined()
})
