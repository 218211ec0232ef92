import { statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Commit } from '../../../src/store/sqlite/messages.js'
import { SqliteStore } from '../../../src/store/sqlite/store.js'
import { temporaryFolder } from '../../harness.js'
import { AT, EVERYONE, numbers, ROOMY, send, sendCommand } from '../contract/store-under-test.js'

interface Watched {
  store: SqliteStore
  path: string
  commits: Commit[]
  [Symbol.asyncDispose]: () => Promise<void>
}

/** A store of whose commits the test is told. */
async function watched(): Promise<Watched> {
  const folder = temporaryFolder()
  const path = join(folder.path, 'posthorn.db')
  const commits: Commit[] = []
  const committed = (commit: Commit): void => void commits.push(commit)
  const store = await SqliteStore.open(path, ROOMY, { committed })
  return {
    store,
    path,
    commits,
    async [Symbol.asyncDispose]() {
      await store.close()
      folder[Symbol.dispose]()
    },
  }
}

test('tells how many writes shared each commit, and how long it took', async () => {
  await using opened = await watched()
  const { store, commits } = opened
  await Promise.all(numbers(1, 100).map((number) => send(store, `user-${number}`)))
  expect(commits.reduce((sum, { writes }) => sum + writes, 0)).toBe(100)
  expect(commits.length).toBeLessThan(100)
  for (const { seconds } of commits) expect(seconds).toBeGreaterThan(0)
})

test('tells of no commit where nothing was written', async () => {
  await using opened = await watched()
  const { store, commits } = opened
  await store.check()
  await store.head('alice')
  expect(commits).toEqual([])
})

test('tells how many requests wait for each thread', async () => {
  await using opened = await watched()
  const { store } = opened
  expect(store.waiting).toEqual({ writer: 0, reader: 0 })
  const asked = [send(store, 'alice'), send(store, 'bob'), store.head('alice')]
  expect(store.waiting).toEqual({ writer: 2, reader: 1 })
  await Promise.all(asked)
  expect(store.waiting).toEqual({ writer: 0, reader: 0 })
})

test('counts the jobs that wait and those that have begun, by what they do', async () => {
  await using opened = await watched()
  const { store } = opened
  await send(store, ['alice', 'bob', 'carol'])
  expect((await store.figures()).fanOuts).toEqual([])
  await store.send(sendCommand(EVERYONE))
  await store.send(sendCommand(EVERYONE))
  await store.stepFanOut({ at: AT, limit: 2 })
  expect(await store.figures()).toEqual({
    users: 3,
    fanOuts: [
      { work: 'deliver', begun: false, jobs: 1 },
      { work: 'deliver', begun: true, jobs: 1 },
    ],
    nextDueAt: undefined,
  })
})

test('tells when the next scheduled notification is due', async () => {
  await using opened = await watched()
  const { store } = opened
  await store.send(sendCommand('alice', { dueAt: AT + 2_000 }))
  await store.send(sendCommand('alice', { dueAt: AT + 1_000 }))
  expect((await store.figures()).nextDueAt).toBe(AT + 1_000)
})

test('tells the sizes of its files, and what is free on their disk', async () => {
  await using opened = await watched()
  const { store, path } = opened
  await send(store, 'alice')
  const { database, writeAheadLog, free } = await store.sizes()
  expect(database).toBe(statSync(path).size)
  expect(writeAheadLog).toBe(statSync(`${path}-wal`).size)
  expect(free).toBeGreaterThan(0)
})
