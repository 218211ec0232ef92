import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { dirname } from 'node:path'
import { Worker } from 'node:worker_threads'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import * as z from 'zod/mini'
import { startService, type TestServiceOptions } from '../harness.js'
import { expectSound, Ledger, readiness, untilReadiness } from './ledger.js'

const UNAVAILABLE = { status: 503, code: 'store_unavailable', retryAfter: '1' }

const Started = z.object({ worker: z.instanceof(Worker) })

/** A service, and the threads of its store as they are started: Node tells of each (the diagnostics channel `worker_threads`). */
async function startWithThreads(options: TestServiceOptions = {}) {
  const threads: Worker[] = []
  const started = (message: unknown): void => void threads.push(Started.parse(message).worker)
  subscribe('worker_threads', started)
  const service = await startService(options)
  return {
    api: service.api,
    databasePath: service.databasePath,
    threads,
    async [Symbol.asyncDispose]() {
      await service[Symbol.asyncDispose]()
      unsubscribe('worker_threads', started)
    },
  }
}

/** A message that no version of ours sends: the thread throws where nobody catches, and ends as by any fault of its own. */
function poison(thread: Worker | undefined): Promise<unknown> {
  if (!thread) throw new Error('there is no such thread')
  const ended = new Promise((resolve) => thread.once('exit', resolve))
  thread.postMessage(null)
  return ended
}

test('a writing thread that ends in the midst of sends is started again, and keeps its promises', async () => {
  await using service = await startWithThreads()
  const { api, threads } = service
  const ledger = new Ledger()
  await using phone = await api.connect('alice', { acknowledges: true })
  for (const life of [0, 2, 3]) {
    const sends = Array.from({ length: 100 }, () => ledger.send(api, 'alice'))
    await Promise.race(sends)
    const ended = poison(threads[life])
    const answers = await Promise.all(sends)
    await ended
    const refused = answers.filter((answer) => answer !== undefined)
    expect(refused).toEqual(refused.map(() => UNAVAILABLE))
    await untilReadiness(api, 'ready')
    await ledger.sendAll(api, 'alice', 5)
  }
  // The lock was taken again by each that followed.
  await expect(startService({ folder: dirname(service.databasePath) })).rejects.toThrow(
    'another Posthorn runs over this database',
  )
  await phone.until(() => phone.seqs.length >= ledger.accepted, 'all that was accepted')
  await ledger.expectKept(api, 'auditor')
  expectSound(service.databasePath)
})

test('a reading thread that ends is started again; what is committed meanwhile is read then', async () => {
  await using service = await startWithThreads()
  const { api, threads } = service
  const ledger = new Ledger()
  await ledger.sendAll(api, 'alice', 5)
  await poison(threads[1])
  expect(await readiness(api)).toBe('The store thread has ended and is started again.')
  await ledger.sendAll(api, 'alice', 5)
  await untilReadiness(api, 'ready')
  await ledger.expectKept(api, 'auditor')
})

test('a thread that can not be started again leaves the service up: it says so until it can', async () => {
  await using service = await startWithThreads()
  const { api, threads, databasePath } = service
  const ledger = new Ledger()
  await ledger.sendAll(api, 'alice', 5)
  {
    // Another one takes its place at once: the file is its now.
    const ended = poison(threads[0])
    await ended
    const lock = new Database(`${databasePath}-lock`)
    lock.exec('BEGIN EXCLUSIVE')
    await untilReadiness(api, /^The store thread cannot be started again: another Posthorn runs/)
    expect(await ledger.send(api, 'alice')).toMatchObject({ code: 'store_unavailable' })
    await using phone = await api.connect('alice', { device: 'new' })
    expect(await phone.closed).toMatchObject({ code: 1013 })
    lock.close()
  }
  await untilReadiness(api, 'ready')
  await ledger.sendAll(api, 'alice', 5)
  await ledger.expectKept(api, 'auditor')
  expect(await readiness(api)).toBe('ready')
})
