import type { ChildProcess } from 'node:child_process'
import { existsSync, readdirSync, statSync, watch, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { InboxCounts } from '../../src/protocol/inbox.js'
import { DatabaseLock } from '../../src/store/sqlite/lock.js'
import { temporaryFolder, tokenFor, type Api } from '../harness.js'
import { runCommand, ServiceProcess } from '../process.js'
import { rawConnection } from '../store/sqlite/files.js'

const backUp = (
  path: string,
  target: string,
  whileItRuns?: (child: ChildProcess) => Promise<void>,
) => runCommand(['backup', target], { DATABASE_URL: `sqlite:${path}` }, whileItRuns)

/** Resolves when a file is there. */
async function come(folder: string, name: string): Promise<void> {
  const stop = new AbortController()
  const come = new Promise<void>((resolve) => {
    const look = () => existsSync(join(folder, name)) && resolve()
    watch(folder, { signal: stop.signal }, look)
    look()
  })
  await come
  stop.abort()
}

async function countsOf(api: Api, user: string): Promise<InboxCounts> {
  const response = await api.request('/v1/inbox/counts', { token: await tokenFor(user) })
  return InboxCounts.parse(await response.json())
}

test('copies what was answered while the service goes on writing, and the copy draws another epoch, once', async () => {
  using folder = temporaryFolder()
  const path = join(folder.path, 'posthorn.db')
  const copy = join(folder.path, 'copy.db')
  await using service = await ServiceProcess.start(path)
  const { api } = service
  await api.sendMany('alice', 20)
  const made = new AbortController()
  const writing = (async () => {
    while (!made.signal.aborted) await api.send('alice', 'meanwhile')
  })()
  const result = await backUp(path, copy)
  made.abort()
  await writing
  expect(result).toMatchObject({ code: 0, errors: '' })
  expect(result.output).toMatch(/copy\.db: sound, users: 1, notifications: \d+\n$/)
  expect(statSync(copy).mode & 0o777).toBe(0o600)
  expect(readdirSync(folder.path).filter((name) => name.startsWith('copy'))).toEqual(['copy.db'])

  const { epoch, latest } = await countsOf(api, 'alice')
  await using restored = await ServiceProcess.start(copy)
  const first = await countsOf(restored.api, 'alice')
  expect(first.latest).toBeGreaterThanOrEqual(20)
  expect(first.latest).toBeLessThanOrEqual(latest)
  expect(first.epoch).not.toBe(epoch)

  // Whoever comes with a position of the original is told, and misses nothing that the copy has.
  const query = { cursor: String(latest), epoch }
  await using client = await restored.api.connect('alice', { query })
  expect((await client.first('gap')).payload).toEqual({ from: 0, to: 0, reason: 'epoch' })
  await client.first('caught_up')
  expect(client.seqs).toHaveLength(first.latest)

  restored.signal('SIGTERM')
  await restored.exited
  await using again = await ServiceProcess.start(copy)
  expect((await countsOf(again.api, 'alice')).epoch).toBe(first.epoch)
})

test('`serve --new-epoch` begins another life of a file that came by other means', async () => {
  using folder = temporaryFolder()
  const path = join(folder.path, 'posthorn.db')
  const epochAfter = async (words: string[]): Promise<string> => {
    await using service = await ServiceProcess.start(path, {}, words)
    return (await countsOf(service.api, 'alice')).epoch
  }
  const epoch = await epochAfter([])
  expect(await epochAfter([])).toBe(epoch)
  const next = await epochAfter(['--new-epoch'])
  expect(next).not.toBe(epoch)
  expect(await epochAfter([])).toBe(next)
})

test('makes no backup where there is nothing to copy, it is damaged, or the file is there, and leaves nothing behind', async () => {
  using folder = temporaryFolder()
  const path = join(folder.path, 'posthorn.db')
  const copy = join(folder.path, 'copy.db')
  const refused = async (): Promise<string> => {
    const { code, output, errors } = await backUp(path, copy)
    expect([code, output]).toEqual([1, ''])
    return errors
  }
  expect(await refused()).toBe(`posthorn: no backup was made: ${path} is not there\n`)
  {
    await using service = await ServiceProcess.start(path)
    await service.api.send('alice', 'hello')
    service.signal('SIGTERM')
    await service.exited
  }
  const raw = rawConnection(path)
  raw.connection.prepare('UPDATE users SET unread = 7').run()
  raw[Symbol.dispose]()
  expect(await refused()).toContain('has counts that are not those of the inbox')
  expect(existsSync(copy)).toBe(false)
  writeFileSync(copy, 'something else')
  expect(await refused()).toContain('is there already')
  expect(readdirSync(folder.path).toSorted()).toEqual(['copy.db', 'posthorn.db'])
})

test('clears away what a backup left that was killed, and refuses while one to the same file is under way', async () => {
  using folder = temporaryFolder()
  const path = join(folder.path, 'posthorn.db')
  const copy = join(folder.path, 'copy.db')
  const files = () => readdirSync(folder.path).filter((name) => name.startsWith('copy'))
  {
    await using service = await ServiceProcess.start(path)
    await service.api.send('alice', 'hello')
    service.signal('SIGTERM')
    await service.exited
  }
  {
    // A backup waits for the database that we hold.
    using raw = rawConnection(path)
    raw.connection.pragma('locking_mode = EXCLUSIVE')
    raw.connection.exec('BEGIN IMMEDIATE')
    const killed = await backUp(path, copy, async (child) => {
      await come(folder.path, 'copy.db.partial')
      child.kill('SIGKILL')
    })
    expect(killed.code).toBe(null)
  }
  expect(files()).toContain('copy.db.partial')
  const lock = DatabaseLock.take(join(folder.path, 'copy.db.partial'))
  const refused = await backUp(path, copy)
  lock.free()
  expect(refused).toMatchObject({
    code: 1,
    errors: `posthorn: no backup was made: another backup to ${copy} is under way\n`,
  })
  expect(files()).toContain('copy.db.partial')
  expect(await backUp(path, copy)).toMatchObject({ code: 0, errors: '' })
  expect(files()).toEqual(['copy.db'])
})

test.each([[[]], [['a', 'b']], [['--all', 'a']]])('is called with one file: %j', async (words) => {
  const { code, errors } = await runCommand(['backup', ...words])
  expect(code).toBe(1)
  expect(errors).toContain('usage: posthorn backup FILE')
})
