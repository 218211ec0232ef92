import { once } from 'node:events'
import { expect, test } from 'vitest'
import { deferred } from '../deferred.js'
import { clientOf, errorOf, SENDING } from './client-of.js'
import { FakeTime } from './fake-time.js'
import { answer, cut, page, problem, RECEIPT, reset, stored } from './scripted-server.js'

test.each([
  ['a connection that is reset', reset],
  ['an answer that is cut', cut],
  ['429', problem(429, 'rate_limited')],
  ['500', problem(500, 'internal')],
  ['503', problem(503, 'store_unavailable')],
  ["a proxy's 502", page(502)],
])('sends again after %s, under the same key and with the same body', async (_what, fault) => {
  await using scripted = await clientOf([fault, fault, stored])
  const { client, server, time } = scripted
  expect(await client.send(SENDING)).toEqual({
    ...RECEIPT,
    replayed: false,
    idempotencyKey: 'key-1',
  })
  expect(server.header('idempotency-key')).toEqual(['"key-1"', '"key-1"', '"key-1"'])
  expect(server.received.map(({ body }) => body)).toEqual([SENDING, SENDING, SENDING])
  expect(time.waits).toHaveLength(2)
  expect(time.timers).toBe(0)
})

test('gives each call a key of its own, or the one that the caller has', async () => {
  await using scripted = await clientOf([stored])
  const { client, server } = scripted
  await client.send(SENDING)
  await client.send(SENDING)
  const { idempotencyKey } = await client.send(SENDING, { idempotencyKey: ' say "what\\why" ' })
  expect(idempotencyKey).toBe(' say "what\\why" ')
  expect(server.header('idempotency-key')).toEqual([
    '"key-1"',
    '"key-2"',
    '" say \\"what\\\\why\\" "',
  ])
})

test.each(['', 'ä', 'x'.repeat(256), 'a\nb'])(
  'refuses %j as a key and sends nothing',
  async (key) => {
    await using scripted = await clientOf([stored])
    const { client, server } = scripted
    const error = await errorOf(client.send(SENDING, { idempotencyKey: key }))
    expect([error.code, error.attempts]).toEqual(['invalid_argument', 0])
    expect((await errorOf(client.sendBatch([{ ...SENDING, idempotencyKey: key }]))).code).toBe(
      'invalid_argument',
    )
    expect(server.received).toEqual([])
  },
)

test('tells that an answer was that of an earlier request', async () => {
  await using scripted = await clientOf([
    answer(201, RECEIPT, { 'idempotency-replayed': 'true' }),
    answer(201, RECEIPT, { 'idempotency-replayed': 'false' }),
  ])
  expect((await scripted.client.send(SENDING)).replayed).toBe(true)
  expect((await scripted.client.send(SENDING)).replayed).toBe(false)
})

test.each([301, 400, 401, 403, 404, 408, 409, 413, 422])(
  'does not send again after %d',
  async (status) => {
    await using scripted = await clientOf([problem(status, 'one_of_a_newer_service'), stored])
    const { client, server, time } = scripted
    await errorOf(client.send(SENDING))
    expect(server.received).toHaveLength(1)
    expect(time.waits).toEqual([])
  },
)

test('waits as many seconds as `Retry-After` says, and some jitter', async () => {
  const busy = problem(429, 'rate_limited', { headers: { 'retry-after': '7' } })
  await using scripted = await clientOf([busy, stored])
  await scripted.client.send(SENDING)
  expect(scripted.time.waits).toEqual([7_100])
})

test('waits until the date that `Retry-After` says, by the clock of who says it', async () => {
  const headers = {
    date: 'Mon, 23 Nov 2026 07:00:00 GMT',
    'retry-after': 'Mon, 23 Nov 2026 07:00:03 GMT',
  }
  await using scripted = await clientOf([page(503, headers), stored])
  await scripted.client.send(SENDING)
  expect(scripted.time.waits).toEqual([3_100])
})

test.each([
  [0, [0, 0, 0, 0, 0, 0, 0]],
  [0.5, [100, 200, 400, 800, 1_600, 2_500, 2_500]],
  [1, [200, 400, 800, 1_600, 3_200, 5_000, 5_000]],
])('waits between nothing and a bound that doubles (random %d)', async (random, waits) => {
  const time = new FakeTime({ random: () => random })
  await using scripted = await clientOf([reset], { maxAttempts: 8 }, time)
  await errorOf(scripted.client.send(SENDING))
  expect(time.waits).toEqual(waits)
})

test('gives up after so many tries, with the last error and the key', async () => {
  await using scripted = await clientOf([reset, problem(503, 'store_unavailable')], {
    maxAttempts: 3,
  })
  const error = await errorOf(scripted.client.send(SENDING))
  expect(error).toMatchObject({ code: 'store_unavailable', attempts: 3, idempotencyKey: 'key-1' })
  expect(scripted.server.received).toHaveLength(3)
})

test('begins no wait that would end after the deadline', async () => {
  const busy = problem(503, 'shutting_down', { headers: { 'retry-after': '60' } })
  await using scripted = await clientOf([busy])
  const error = await errorOf(scripted.client.send(SENDING))
  expect(error).toMatchObject({ attempts: 1, retryAfterMs: 60_000, retryable: true })
  expect(scripted.time.waits).toEqual([])
})

test('gives up a try that takes too long, and all of them at the deadline', async () => {
  const time = new FakeTime()
  const slow = (): void => void time.elapse(10_000)
  await using scripted = await clientOf([slow, stored], {}, time)
  expect((await scripted.client.send(SENDING)).idempotencyKey).toBe('key-1')
  expect(time.waits).toEqual([100])

  await using hopeless = await clientOf([slow], { timeoutMs: 25_000 }, time)
  const error = await errorOf(hopeless.client.send(SENDING))
  expect(error).toMatchObject({ name: 'PosthornTimeoutError', code: 'timeout', attempts: 3 })
  expect(time.timers).toBe(0)

  const halfway = (): void => void time.elapse(5_000)
  await using short = await clientOf([halfway], { timeoutMs: 5_000 }, time)
  expect((await errorOf(short.client.send(SENDING))).attempts).toBe(1)
})

test('a call that is given up fails with the reason: before it, on the way, and between tries', async () => {
  const time = new FakeTime()
  const reason = new Error('enough')
  await using scripted = await clientOf([stored], {}, time)
  const given = AbortSignal.abort(reason)
  await expect(scripted.client.send(SENDING, { signal: given })).rejects.toBe(reason)
  expect(scripted.server.received).toEqual([])

  const onTheWay = new AbortController()
  await using slow = await clientOf([() => onTheWay.abort(reason)], {}, time)
  const call = slow.client.send(SENDING, { signal: onTheWay.signal })
  await expect(call).rejects.toBe(reason)
  expect(slow.server.received).toHaveLength(1)

  const between = new AbortController()
  time.onWait = () => between.abort(reason)
  await using failing = await clientOf([reset], {}, time)
  const items = [SENDING]
  await expect(failing.client.sendBatch(items, { signal: between.signal })).rejects.toBe(reason)
  expect(failing.server.received).toHaveLength(1)
  expect(time.timers).toBe(0)
})

test('what is given up lets its connection go', async () => {
  const time = new FakeTime()
  const late = deferred<unknown>()
  await using slow = await clientOf(
    [
      (response) => {
        late.resolve(once(response, 'close'))
        void time.elapse(10_000)
      },
    ],
    { maxAttempts: 1 },
    time,
  )
  await errorOf(slow.client.send(SENDING))
  await late.promise

  const controller = new AbortController()
  const aborted = deferred<unknown>()
  await using other = await clientOf([
    (response) => {
      aborted.resolve(once(response, 'close'))
      controller.abort(new Error('enough'))
    },
  ])
  const call = other.client.send(SENDING, { signal: controller.signal })
  await expect(call).rejects.toThrow('enough')
  await aborted.promise
})
