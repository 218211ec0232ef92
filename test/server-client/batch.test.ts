import { expect, test } from 'vitest'
import * as z from 'zod/mini'
import type { ItemOutcome } from '../../src/server-client/batch.js'
import { clientOf, errorOf, SENDING } from './client-of.js'
import {
  answer,
  page,
  problem,
  RECEIPT,
  reset,
  type Received,
  type Step,
} from './scripted-server.js'

const Body = z.object({
  items: z.array(z.object({ title: z.string(), idempotencyKey: z.string() })),
})
const itemsOf = ({ body }: Received) => Body.parse(body).items
const titlesOf = (received: Received) => itemsOf(received).map(({ title }) => title)

/** Takes all items but those whose title `refuse` names, with the code that it gives. */
const taking =
  (refuse: Record<string, [status: number, code: string]> = {}): Step =>
  (response, received) => {
    const results = itemsOf(received).map(({ title }, index) => {
      const [status, code] = refuse[title] ?? []
      if (status === undefined) return { index, status: 201, notification: RECEIPT }
      const problem = { type: 'urn:x', title, status, detail: title, code, requestId: 'r' }
      return { index, status, problem }
    })
    const failed = results.filter((result) => 'problem' in result).length
    answer(200, { succeeded: results.length - failed, failed, results })(response, received)
  }

const titled = (...titles: (string | number)[]) =>
  titles.map((title) => ({ ...SENDING, title: String(title) }))
const upTo = (count: number) => titled(...Array.from({ length: count }, (_, index) => index))
const shortOf = (outcome: ItemOutcome) =>
  'error' in outcome ? outcome.error.code : outcome.notification.status

test('each item is answered for itself, in their order, with the key under which it was sent', async () => {
  await using scripted = await clientOf([taking({ b: [422, 'invalid_request'] })])
  const items = [...titled('a', 'b'), { ...SENDING, title: 'c', idempotencyKey: 'mine' }]
  const { results, ...sums } = await scripted.client.sendBatch(items)
  expect(sums).toEqual({ succeeded: 2, failed: 1 })
  expect(results.map(({ index }) => index)).toEqual([0, 1, 2])
  expect(results.map(({ idempotencyKey }) => idempotencyKey)).toEqual(['key-1', 'key-2', 'mine'])
  expect(results.map(shortOf)).toEqual(['stored', 'invalid_request', 'stored'])
  expect(results[1]).toMatchObject({
    error: { name: 'PosthornApiError', status: 422, requestId: 'r', idempotencyKey: 'key-2' },
  })
  const sent = scripted.server.received.flatMap(itemsOf)
  expect(sent.map(({ idempotencyKey }) => idempotencyKey)).toEqual(['key-1', 'key-2', 'mine'])
  expect(scripted.server.header('idempotency-key')).toEqual([undefined])
})

test('a request that fails is made again, its items under the same keys', async () => {
  await using scripted = await clientOf([reset, page(502), taking()])
  expect((await scripted.client.sendBatch(upTo(3))).succeeded).toBe(3)
  const [first, ...more] = scripted.server.received.map(({ body }) => body)
  expect(more).toEqual([first, first])
})

test('items that met a fault are sent again by themselves, under their keys', async () => {
  const faults: [number, string][] = [
    [503, 'store_unavailable'],
    [429, 'rate_limited'],
  ]
  const [store, rate] = faults
  if (!store || !rate) throw new Error('two faults')
  await using scripted = await clientOf([
    taking({ 1: store, 3: rate, 2: [422, 'invalid_request'] }),
    taking({ 3: rate }),
    taking(),
  ])
  const { results } = await scripted.client.sendBatch(upTo(5))
  expect(scripted.server.received.map(titlesOf)).toEqual([
    ['0', '1', '2', '3', '4'],
    ['1', '3'],
    ['3'],
  ])
  expect(scripted.server.received.map((received) => itemsOf(received).at(-1))).toMatchObject([
    { idempotencyKey: 'key-5' },
    { idempotencyKey: 'key-4' },
    { idempotencyKey: 'key-4' },
  ])
  expect(results.map(shortOf)).toEqual(['stored', 'stored', 'invalid_request', 'stored', 'stored'])
  expect(scripted.time.waits).toHaveLength(2)
})

test('an item that fails to the end keeps its last answer, and the next request goes on', async () => {
  await using scripted = await clientOf([taking({ 1: [503, 'store_unavailable'] })], {
    maxAttempts: 2,
  })
  const { results, succeeded } = await scripted.client.sendBatch(upTo(501))
  expect(succeeded).toBe(500)
  expect(results[1]).toMatchObject({ error: { code: 'store_unavailable', attempts: 2 } })
  expect(scripted.server.received.map((received) => itemsOf(received).length)).toEqual([500, 1, 1])
})

test('more than 500 go in several requests, in their order', async () => {
  await using scripted = await clientOf([taking({ 700: [422, 'invalid_request'] })])
  const items = upTo(1_201)
  const { results, ...sums } = await scripted.client.sendBatch(items)
  expect(sums).toEqual({ succeeded: 1_200, failed: 1 })
  expect(results.map(({ index }) => index)).toEqual(items.map((_, index) => index))
  expect(results.findIndex((outcome) => 'error' in outcome)).toBe(700)
  expect(scripted.server.received.map((received) => itemsOf(received).length)).toEqual([
    500, 500, 201,
  ])
  expect(scripted.server.received.flatMap(titlesOf)).toEqual(items.map(({ title }) => title))
})

test('a request has at most 4 MiB; an item that is larger is told so, the others go', async () => {
  await using scripted = await clientOf([taking()])
  const items = titled('ü'.repeat(1_000_000), 'ü'.repeat(1_500_000), 'ü'.repeat(2_200_000), 'a')
  const { results } = await scripted.client.sendBatch(items)
  expect(results.map(shortOf)).toEqual(['stored', 'stored', 'invalid_argument', 'stored'])
  const { received } = scripted.server
  expect(received.map((request) => itemsOf(request).length)).toEqual([1, 2])
  const lengths = scripted.server.header('content-length').map(Number)
  expect(lengths.every((length) => length > 2_000_000 && length <= 4 * 1024 * 1024)).toBe(true)
})

test('no items are no request', async () => {
  await using scripted = await clientOf([reset])
  expect(await scripted.client.sendBatch([])).toEqual({ succeeded: 0, failed: 0, results: [] })
  expect(scripted.server.received).toEqual([])
})

test('fails where the service answered for no item', async () => {
  await using scripted = await clientOf([problem(403, 'insufficient_scope')])
  const error = await errorOf(scripted.client.sendBatch(upTo(600)))
  expect(error).toMatchObject({ code: 'insufficient_scope', attempts: 1 })
  expect(scripted.server.received).toHaveLength(1)
})

test('what was answered before a request failed is not lost, and the rest is not sent', async () => {
  await using scripted = await clientOf([taking(), reset], { maxAttempts: 2 })
  const { results, ...sums } = await scripted.client.sendBatch(upTo(1_100))
  expect(sums).toEqual({ succeeded: 500, failed: 600 })
  const codes = results.map(shortOf)
  expect(new Set(codes.slice(0, 500))).toEqual(new Set(['stored']))
  expect(new Set(codes.slice(500))).toEqual(new Set(['network_error']))
  expect(scripted.server.received).toHaveLength(3)
})

test('of a request that failed after some of its items were answered, those keep their answers', async () => {
  await using scripted = await clientOf([taking({ 1: [503, 'internal'] }), page(403)])
  const { results } = await scripted.client.sendBatch(upTo(3))
  expect(results.map(shortOf)).toEqual(['stored', 'internal', 'stored'])
})

test.each([
  ['too few results', [{ index: 0, status: 201, notification: RECEIPT }]],
  ['too many results', [0, 1, 2].map((index) => ({ index, status: 201, notification: RECEIPT }))],
  [
    'results in another order',
    [1, 0].map((index) => ({ index, status: 201, notification: RECEIPT })),
  ],
])('%s are no answer', async (_what, results) => {
  await using scripted = await clientOf([answer(200, { succeeded: 2, failed: 0, results })])
  expect((await errorOf(scripted.client.sendBatch(upTo(2)))).code).toBe('unreadable_answer')
})
