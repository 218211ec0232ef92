import { expect, test } from 'vitest'
import { bucketOf } from '../../src/cluster/buckets.js'
import { readMoves, WakeMessage, writeMoves } from '../../src/cluster/wake-message.js'
import type { LogMove } from '../../src/inbox/wake.js'
import { arrival } from './nodes.js'

/** Of NOTIFY, without what stands around a message. */
const ROOM = 7_749

function written(moves: readonly LogMove[], room = ROOM): WakeMessage[] {
  return [...writeMoves(moves, room)].map((json) => {
    expect(Buffer.byteLength(json)).toBeLessThanOrEqual(room)
    return WakeMessage.parse(JSON.parse(json))
  })
}

test('every kind of change comes back as it was, and content stands once for all whom it reached', () => {
  const state = { seq: 4, arrivedSeq: 1, seenAt: 5, readAt: null, archivedAt: null }
  const counts = { unread: 1, unseen: 0 }
  const removed = { id: 'x', collapseKey: null, reason: 'expired' as const }
  const moves: LogMove[] = [
    arrival('alice', 1),
    arrival('Ω\u{1F600}"', 1),
    { user: 'alice', seq: 4, change: { kind: 'moved', id: 'x', from: 1, state, ...counts } },
    { user: 'alice', seq: 5, change: { kind: 'removed', ...removed, ...counts } },
    { user: 'bob', seq: 5, change: { kind: 'counts' } },
    { user: 'bob', seq: 6, change: undefined },
  ]
  const messages = written(moves)
  expect(messages.map(({ contents }) => contents.length)).toEqual([1])
  expect(messages.flatMap(readMoves)).toEqual(moves)
})

test('content above 2 KiB stays behind, and so does what leaves no room for its move', () => {
  const small = JSON.stringify({ body: 'x'.repeat(2_000) })
  const large = JSON.stringify({ body: 'x'.repeat(2_048) })
  const moves = [arrival('alice', 1, small), arrival('bob', 1, large)]
  expect(written(moves).flatMap(readMoves)).toEqual([
    arrival('alice', 1, small),
    { user: 'bob', seq: 1, change: undefined },
  ])
  expect(written(moves.slice(0, 1), 1_000).flatMap(readMoves)).toEqual([
    { user: 'alice', seq: 1, change: undefined },
  ])
})

test('what does not fit into one message goes into the next, in order', () => {
  const moves = Array.from({ length: 1_000 }, (_, index) => arrival(`user ${index}`, index + 1))
  const messages = written(moves)
  expect(messages.length).toBeGreaterThan(1)
  expect(messages.flatMap(readMoves)).toEqual(moves)
})

test('of what is too much for messages the buckets are told', () => {
  const moves = Array.from({ length: 20_000 }, (_, index) => arrival(`user ${index}`, index + 1))
  const messages = written(moves)
  const told = messages.flatMap(readMoves)
  expect(told).toEqual(moves.slice(0, told.length))
  const buckets = new Set(messages.flatMap((message) => message.buckets))
  const rest = moves.slice(told.length).map(({ user }) => user)
  expect(rest.length).toBeGreaterThan(0)
  expect(rest.filter((user) => !buckets.has(bucketOf(user)))).toEqual([])
})

test('nothing is said of nothing', () => {
  expect(written([])).toEqual([])
})

// Nodes of two versions must agree on it.
test.each([
  ['', 0x1c_d9],
  ['alice', 38_085],
])('the bucket of %j is the same for ever', (user, bucket) => {
  expect(bucketOf(user)).toBe(bucket)
})

test('users are spread over all buckets', () => {
  const used = new Set(Array.from({ length: 65_536 }, (_, index) => bucketOf(`u_${index}`) % 256))
  expect(used.size).toBe(256)
})
