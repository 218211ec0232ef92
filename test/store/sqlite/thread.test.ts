import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'
import * as z from 'zod/mini'
import type { Store } from '../../../src/inbox/store.js'
import { AT, codeOf, numbers, send, sendCommand, seqsOf } from '../contract/store-under-test.js'
import { openSqlite } from './files.js'

const Started = z.object({ worker: z.instanceof(Worker) })

/** A store, and the threads that it started: Node tells of each (the diagnostics channel `worker_threads`). */
async function openWithThreads() {
  const threads: Worker[] = []
  const started = (message: unknown): void => void threads.push(Started.parse(message).worker)
  subscribe('worker_threads', started)
  try {
    const opened = await openSqlite()
    const [writer, reader] = threads
    if (!writer || !reader) throw new Error('the store started no two threads')
    return { ...opened, store: opened.store, writer, reader }
  } finally {
    unsubscribe('worker_threads', started)
  }
}

const unavailable = { code: 'store_unavailable' }

test('refuses writes with store_unavailable when its writing thread has died, and still reads', async () => {
  await using opened = await openWithThreads()
  const { store, writer } = opened
  await send(store, 'alice')
  await writer.terminate()

  await expect(store.send(sendCommand('alice'))).rejects.toMatchObject(unavailable)
  await expect(store.check()).rejects.toMatchObject(unavailable)
  expect(await seqsOf(store, 'alice')).toEqual([1])
})

test('refuses reads with store_unavailable when its reading thread has died, and still writes', async () => {
  await using opened = await openWithThreads()
  const { store, reader } = opened
  await reader.terminate()

  await expect(store.head('alice')).rejects.toMatchObject(unavailable)
  await expect(store.check()).rejects.toMatchObject(unavailable)
  expect(await send(store, 'alice')).toMatchObject({ receipt: { seq: 1 } })
})

test('answers or refuses what was asked when its thread dies, and what it answered is there', async () => {
  await using opened = await openWithThreads()
  const { store, writer } = opened
  const asked = numbers(1, 500).map(() => send(store, ['alice', 'bob', 'carol']))
  const [outcomes] = await Promise.all([
    Promise.allSettled(asked),
    // In the midst: after the first answer, while the groups behind it are at work.
    Promise.race(asked).then(() => writer.terminate()),
  ])
  const refused = outcomes.flatMap((outcome) =>
    outcome.status === 'rejected' ? [codeOf(outcome.reason)] : [],
  )
  expect(refused).toEqual(refused.map(() => 'store_unavailable'))

  const reopened = await opened.reopen()
  const { latest } = await reopened.head('alice')
  expect(latest).toBeGreaterThanOrEqual(outcomes.length - refused.length)
  expect(outcomes.length - refused.length).toBeGreaterThan(0)
  expect(await seqsOf(reopened, 'alice')).toEqual(numbers(1, latest))
})

test('closes when both threads have died', async () => {
  await using opened = await openWithThreads()
  const { store, writer, reader } = opened
  const closing = Promise.all([writer.terminate(), reader.terminate(), store.close()])
  await expect(closing).resolves.toBeDefined()
  await expect(store.close()).resolves.toBeUndefined()
})

test('answers the first of many large reads before it has done the others', async () => {
  await using opened = await openSqlite()
  const { store } = opened
  const contentJson = JSON.stringify({ body: 'x'.repeat(8 * 1024) })
  await Promise.all(numbers(1, 32).map(() => store.send({ ...sendCommand('alice'), contentJson })))

  let answered = 0
  const query = { at: AT, user: 'alice', after: 0, limit: 64, maxBytes: 256 * 1024 }
  const reads = numbers(1, 500).map(async () => {
    await store.changes(query)
    answered++
  })
  await Promise.race(reads)
  // What comes together is bounded; all at once would be 128 MB in one message.
  expect(answered).toBeLessThanOrEqual(64)
  await Promise.all(reads)
})

/** Characters of which 32 fill what may wait. */
const LONG = 'x'.repeat(1024 * 1024)

test.each([
  ['sends', (store: Store) => store.send({ ...sendCommand('alice'), contentJson: LONG })],
  [
    'subscribers',
    (store: Store) => store.changeSubscribers({ topic: 'news', add: [LONG], remove: [], at: AT }),
  ],
  [
    'marks',
    (store: Store) =>
      store.mark({
        user: 'alice',
        action: 'read',
        at: AT,
        limit: 1,
        entries: { kind: 'ids', ids: [LONG] },
      }),
  ],
] as const)('refuses %s that would fill the memory while they wait', async (_name, ask) => {
  await using opened = await openSqlite()
  const outcomes = await Promise.allSettled(numbers(1, 40).map(() => ask(opened.store)))
  const refused = outcomes.flatMap((outcome) =>
    outcome.status === 'rejected' ? [codeOf(outcome.reason)] : [],
  )
  expect(refused.length).toBeGreaterThanOrEqual(8)
  expect(new Set(refused)).toEqual(new Set(['overloaded']))
})
