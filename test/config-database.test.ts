import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ConfigError, readConfig } from '../src/config.js'

const URL_OF_ONE = 'postgres://posthorn:word@db.example/posthorn'
const DIRECT = 'postgresql://posthorn:word@db.example:5433/posthorn'

/** The lines that these settings are refused with. */
function linesOf(environment: Record<string, string>): readonly string[] {
  try {
    readConfig(environment)
  } catch (error) {
    if (error instanceof ConfigError) return error.lines
    throw error
  }
  return []
}

describe('PostgreSQL', () => {
  test('is reached by its URL, with ten connections, and wakes its nodes itself', () => {
    expect(readConfig({ DATABASE_URL: URL_OF_ONE })).toMatchObject({
      database: { kind: 'postgres', url: URL_OF_ONE, notifyUrl: URL_OF_ONE, connections: 10 },
      bus: { kind: 'notify' },
    })
  })

  test('may be listened to beside a pooler', () => {
    const settings = { DATABASE_URL: URL_OF_ONE, NOTIFY_URL: DIRECT, DATABASE_CONNECTIONS: '40' }
    expect(readConfig(settings)).toMatchObject({
      database: { kind: 'postgres', url: URL_OF_ONE, notifyUrl: DIRECT, connections: 40 },
      bus: { kind: 'notify' },
    })
  })

  test.each(['redis://cache.example:6379', 'rediss://:word@cache.example/1'])(
    'may have its nodes woken by %s',
    (url) => {
      expect(readConfig({ DATABASE_URL: DIRECT, BUS_URL: url }).bus).toEqual({ kind: 'redis', url })
    },
  )

  test('leaves the secret of development in the data folder', () => {
    expect(readConfig({ DATABASE_URL: URL_OF_ONE }).issuers).toMatchObject([
      { keys: { kind: 'development', file: resolve('data/development.secret') } },
    ])
  })

  test('needs no other change where Redis comes in beside the way round a pooler', () => {
    const both = { DATABASE_URL: URL_OF_ONE, NOTIFY_URL: DIRECT, BUS_URL: 'redis://cache.example' }
    expect(readConfig(both).bus).toEqual({ kind: 'redis', url: 'redis://cache.example' })
  })
})

test('a file has no nodes to wake', () => {
  expect(readConfig({ DATABASE_URL: 'sqlite:x' }).bus).toBeUndefined()
  expect(linesOf({ NOTIFY_URL: DIRECT, BUS_URL: 'redis://cache.example' })).toEqual([
    'NOTIFY_URL: is for several nodes, which need a postgres:// DATABASE_URL',
    'BUS_URL: is for several nodes, which need a postgres:// DATABASE_URL',
  ])
})

test.each([
  ['NOTIFY_URL', 'https://db.example'],
  ['BUS_URL', 'redis:cache.example'],
  ['BUS_URL', 'amqp://cache.example'],
  ['BUS_URL', 'redis://cache.example/first'],
  ['BUS_URL', 'redis://:100%@cache.example'],
])('refuses %s=%s in one line', (name, value) => {
  const lines = linesOf({ DATABASE_URL: URL_OF_ONE, [name]: value })
  expect(lines).toEqual([expect.stringMatching(new RegExp(`^${name}: must be a URL like `))])
})

test('no two nodes share a name that nobody gave them', () => {
  expect(readConfig({}).nodeName).toMatch(/^[A-Za-z0-9._-]{1,64}$/)
  expect(readConfig({}).nodeName).not.toBe(readConfig({}).nodeName)
  expect(readConfig({ NODE_NAME: 'north.1' }).nodeName).toBe('north.1')
})
