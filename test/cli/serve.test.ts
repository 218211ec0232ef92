import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import { startService, temporaryFolder } from '../harness.js'
import { runCommand, ServiceProcess } from '../process.js'

/** The lines with which `serve` refuses to start; it must say nothing else and leave no stack. */
async function refusal(environment: Record<string, string>): Promise<string[]> {
  const { code, output, errors } = await runCommand(['serve'], { PORT: '0', ...environment })
  expect(code).toBe(1)
  expect(output).toBe('')
  const lines = errors.trimEnd().split('\n')
  for (const line of lines) expect(line).toMatch(/^posthorn: \S/)
  return lines
}

const inFolder = (path: string) => ({ DATABASE_URL: `sqlite:${join(path, 'posthorn.db')}` })

describe('does not start', () => {
  test('with wrong settings, and says one clear line for each', async () => {
    using folder = temporaryFolder()
    const wrong = { PORT: 'x', HEARTBEAT_MS: '1', LOG_LEVEL: 'loud', BUS_URL: 'redis://x' }
    const lines = await refusal({ ...inFolder(folder.path), ...wrong })
    expect(lines.map((line) => line.replace('posthorn: ', '').split(':')[0])).toEqual([
      'PORT',
      'HEARTBEAT_MS',
      'LOG_LEVEL',
      'BUS_URL',
    ])
    expect(readdirSync(folder.path)).toEqual([])
  })

  test('with two kinds of keys, a short secret, or none where others can reach it', async () => {
    using folder = temporaryFolder()
    const database = inFolder(folder.path)
    const [both = ''] = await refusal({ ...database, JWT_PUBLIC_KEY: 'key.pem' })
    expect(both).toMatch(/JWT_SECRET and JWT_PUBLIC_KEY/)
    const [short = ''] = await refusal({ ...database, JWT_SECRET: 'hunter2' })
    expect(short).toMatch(/JWT_SECRET/)
    expect(short).not.toContain('hunter2')
    const [open = ''] = await refusal({ ...database, JWT_SECRET: '', HOST: '0.0.0.0' })
    expect(open).toMatch(/HOST.*JWT_SECRET/)
  })

  test.each([
    ['is not there', undefined],
    ['is no key', 'junk'],
    ['is a private key', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n'],
  ])('with a key file that %s', async (_name, text) => {
    using folder = temporaryFolder()
    const file = join(folder.path, 'key.pem')
    if (text !== undefined) writeFileSync(file, text)
    const keys = { JWT_SECRET: '', JWT_PUBLIC_KEY: file }
    const lines = await refusal({ ...inFolder(folder.path), ...keys })
    expect(lines).toHaveLength(1)
    expect(lines[0]).toContain('JWT_PUBLIC_KEY')
    expect(lines[0]).not.toContain('AAAA')
  })

  test('on a port that is in use', async () => {
    using folder = temporaryFolder()
    await using other = await startService()
    const { port } = new URL(other.url)
    const lines = await refusal({ ...inFolder(folder.path), PORT: port })
    expect(lines).toHaveLength(1)
    expect(lines[0]).toContain(port)
    expect(lines[0]).toMatch(/EADDRINUSE/)
  })

  test('over a database of a newer version, which it leaves as it is', async () => {
    using folder = temporaryFolder()
    const path = join(folder.path, 'posthorn.db')
    const newer = new Database(path)
    newer.pragma('user_version = 9999')
    newer.close()
    const lines = await refusal(inFolder(folder.path))
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(/schema 9999.*newer version/)
    const after = new Database(path)
    expect(after.pragma('user_version', { simple: true })).toBe(9_999)
    expect(after.prepare('SELECT count(*) AS tables FROM sqlite_schema').get()).toEqual({
      tables: 0,
    })
    after.close()
  })

  test.each([
    [
      'is no database',
      (path: string) => writeFileSync(path, 'not a database, but long enough'.repeat(99)),
    ],
    ['is a folder', (path: string) => mkdirSync(path)],
  ])('over a file that %s', async (_name, make) => {
    using folder = temporaryFolder()
    make(join(folder.path, 'posthorn.db'))
    expect(await refusal(inFolder(folder.path))).toHaveLength(1)
  })

  test('where the folder of the database cannot be made', async () => {
    using folder = temporaryFolder()
    const file = join(folder.path, 'file')
    writeFileSync(file, '')
    chmodSync(file, 0o400)
    expect(await refusal(inFolder(join(file, 'data')))).toHaveLength(1)
  })

  test.each([['--unknown'], ['extra']])('when it is called with %s', async (word) => {
    const { code, output, errors } = await runCommand(['serve', word])
    expect([code, output]).toEqual([1, ''])
    expect(errors).toContain('usage: posthorn serve')
  })
})

test('tells where it listens, and ends with 0 when it is told to', async () => {
  using folder = temporaryFolder()
  await using service = await ServiceProcess.start(join(folder.path, 'posthorn.db'))
  expect((await service.api.request('/readyz')).status).toBe(200)
  expect(service.log.find(({ msg }) => msg === 'listening')).toMatchObject({
    url: service.api.url,
    development: false,
  })
  expect(service.errors).toBe('')
  service.signal('SIGTERM')
  expect(await service.exited).toEqual({ code: 0, signal: null })
  expect(service.log.map(({ msg }) => msg).slice(-2)).toEqual(['stopping', 'stopped'])
})

test('in development shows a newcomer three commands, and none of its secret', async () => {
  using folder = temporaryFolder()
  const path = join(folder.path, 'posthorn.db')
  await using service = await ServiceProcess.start(path, { JWT_SECRET: '' })
  await service.kill()
  expect(service.errors).toContain('In development')
  expect(service.errors).toContain(service.api.url)
  expect(service.errors).toContain(`console: ${service.api.url}/\n`)
  for (const command of ['token --service', 'listen --user alice', 'curl ']) {
    expect(service.errors).toContain(command)
  }
  expect(service.errors).not.toMatch(/[\w-]{43}/)
})

test('in development names no console where it is off', async () => {
  using folder = temporaryFolder()
  const path = join(folder.path, 'posthorn.db')
  await using service = await ServiceProcess.start(path, { JWT_SECRET: '', CONSOLE: 'false' })
  await service.kill()
  expect(service.errors).toContain('In development')
  expect(service.errors).not.toMatch(/console/i)
})
