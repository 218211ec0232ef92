import { join } from 'node:path'
import { expect, test } from 'vitest'
import * as z from 'zod/mini'
import { serviceToken, temporaryFolder } from '../harness.js'
import { ServiceProcess } from '../process.js'
import { expectSound, Ledger, readiness, untilReadiness } from './ledger.js'
import { LockHolder } from './lock-holder.js'

const HELD = /^Another process holds the database\.$/

test.each(['BEGIN IMMEDIATE', 'BEGIN EXCLUSIVE'] as const)(
  'a database that another process holds by %s is read on, refuses sends with 503, and takes them when it lets go',
  async (begin) => {
    using folder = temporaryFolder()
    const path = join(folder.path, 'posthorn.db')
    const ledger = new Ledger()
    await using service = await ServiceProcess.start(path)
    const { api } = service
    await ledger.sendAll(api, 'alice', 5)
    await using phone = await api.connect('alice')
    await phone.received(5)
    await phone.acknowledgeAndWait(2)

    await using holder = await LockHolder.start(path, begin)
    const refused = await Promise.all([1, 2, 3].map(() => ledger.send(api, 'alice')))
    const unavailable = { status: 503, code: 'store_unavailable', retryAfter: '1' }
    expect(refused).toEqual(refused.map(() => unavailable))
    expect(await readiness(api)).toMatch(HELD)
    phone.acknowledge(5, 'waits')
    {
      await using again = await api.connect('alice')
      await again.first('caught_up')
      expect(again.seqs).toEqual([3, 4, 5])
    }
    await holder.release()

    await untilReadiness(api, 'ready')
    await phone.find((message) => message.type === 'reply' && message.id === 'waits')
    await ledger.sendAll(api, 'alice', 5)
    await phone.received(10)
    await ledger.expectKept(api, 'auditor')
    await service.logged('the store is in trouble: another process holds the database')
    await service.logged('the store is well again')
  },
  60_000,
)

test('a lock that is held for a moment only delays the sends of that moment', async () => {
  using folder = temporaryFolder()
  const path = join(folder.path, 'posthorn.db')
  const ledger = new Ledger()
  await using service = await ServiceProcess.start(path)
  const sends: Promise<unknown>[] = []
  for (let burst = 0; burst < 5; burst++) {
    await using holder = await LockHolder.start(path)
    for (let number = 0; number < 20; number++) sends.push(ledger.send(service.api, 'alice'))
    await holder.release()
  }
  expect(new Set(await Promise.all(sends))).toEqual(new Set([undefined]))
  await ledger.expectKept(service.api, 'auditor')
})

const BatchAnswer = z.object({
  results: z.array(z.object({ problem: z.optional(z.object({ code: z.string() })) })),
})

test('more sends than may wait are refused as overload before the memory is full, and none is lost that was taken', async () => {
  using folder = temporaryFolder()
  const path = join(folder.path, 'posthorn.db')
  const ledger = new Ledger()
  // All that is offered would not fit: without a bound the process dies of it.
  await using service = await ServiceProcess.start(path, {
    NODE_OPTIONS: '--max-old-space-size=256',
  })
  const { api } = service
  const token = await serviceToken()
  await ledger.sendAll(api, 'alice', 1)
  const item = { to: { user: 'bob' }, type: 'storm', body: 'x'.repeat(1_000) }
  const body = { items: Array.from({ length: 500 }, () => item) }
  const codes = new Set<string | undefined>()
  {
    await using holder = await LockHolder.start(path)
    const storm = Array.from({ length: 200 }, async () => {
      const response = await api.request('/v1/notifications/batch', { method: 'POST', token, body })
      const { results } = BatchAnswer.parse(await response.json())
      for (const { problem } of results) codes.add(problem?.code)
    })
    const more = Promise.all(storm).then(() => ledger.send(api, 'alice'))
    expect(await more).toMatchObject({ status: 503 })
    await holder.release()
  }
  expect(codes).toEqual(new Set(['store_unavailable', 'overloaded']))
  await untilReadiness(api, 'ready')
  await ledger.sendAll(api, 'alice', 5)
  await ledger.expectKept(api, 'auditor')
  expectSound(path)
}, 180_000)
