import { describe, expect, test } from 'vitest'
import type { Change, ChangesPage, ChangesQuery, OpenedDevice } from '../../src/inbox/store.js'
import type { LogMove } from '../../src/inbox/wake.js'
import type { Down } from '../../src/protocol/down/index.js'
import { LogReader, type LiveMove } from '../../src/socket/log-reader.js'
import { removedFrame } from '../../src/protocol/down/removed.js'
import { toArrays } from '../told-entries.js'
import { deferred, type Deferred } from '../deferred.js'
import { Traffic } from '../../src/telemetry/traffic.js'
import { FakeSocket } from './fake-socket.js'

// What retention, expiry and recalls do to a reader. The pages are the test's own, so that each may be as late, and as old,
// as a page can be.

const HIGH_WATER = 1_000
const HEAD = { epoch: 'an-epoch', latest: 0, horizon: 0, unread: 0, unseen: 0 }
const id = (seq: number): string => `0199a3c0-0000-7000-8000-${String(seq).padStart(12, '0')}`

/** An entry that has not moved since it came. */
const state = (seq: number): Change => ({
  kind: 'state',
  id: id(seq),
  seq,
  arrivedSeq: seq,
  seenAt: null,
  readAt: null,
  archivedAt: null,
})

const removed = (seq: number, of: number): Change => ({
  kind: 'removed',
  seq,
  id: id(of),
  collapseKey: 'k',
  reason: 'recalled',
})

/** A page of a log with so many unread; it reaches to its last entry, or to the end. */
function page(entries: readonly Change[], head: Partial<ChangesPage>) {
  const log = { ...HEAD, unseen: 0, ...head }
  return ({ replayedTo = Infinity }: ChangesQuery): ChangesPage => {
    const arrays = toArrays(entries, replayedTo, log)
    return { ...log, arrays, through: head.through ?? log.latest }
  }
}

function openReader(
  opened: Partial<OpenedDevice>,
  { maxUnacked = 512, batch = false }: { maxUnacked?: number; batch?: boolean } = {},
) {
  const socket = new FakeSocket()
  const asked: ({ query: ChangesQuery } & Deferred<ChangesPage>)[] = []
  const failures: unknown[] = []
  const traffic = new Traffic()
  const reader = new LogReader({
    store: {
      changes: (query) => {
        const answer = deferred<ChangesPage>()
        asked.push({ query, ...answer })
        return answer.promise
      },
    },
    clock: () => 0,
    stopwatch: () => 0,
    traffic,
    socket,
    user: 'alice',
    device: 'phone',
    opened: { ...HEAD, cursor: 0, position: 0, strayed: false, ...opened },
    maxUnacked,
    highWaterBytes: HIGH_WATER,
    batch,
    fail: (error) => failures.push(error),
  })
  return {
    reader,
    socket,
    asked,
    failures,
    traffic,
    /** Answers the page that was asked for last. */
    async answer(answered: (query: ChangesQuery) => ChangesPage): Promise<void> {
      const last = asked.at(-1)
      if (!last) throw new Error('no page was asked for')
      last.resolve(answered(last.query))
      await new Promise((resolve) => setImmediate(resolve))
    },
    /** What was said, in short. */
    get said(): unknown[] {
      return socket.messages.map(short)
    },
  }
}

function short(message: Down): unknown {
  switch (message.type) {
    case 'gap':
      return ['gap', message.payload.from, message.payload.to, message.payload.reason]
    case 'caught_up':
      return ['caught_up', message.payload.seq, message.payload.unread]
    case 'counts':
      return ['counts', message.payload.unread]
    case 'updated':
    case 'removed':
      return [message.type, message.payload.seq, message.payload.unread ?? 'replayed']
    default:
      throw new Error(`not expected: ${message.type}`)
  }
}

const counts = (seq: number): LiveMove => ({
  user: 'alice',
  seq,
  change: { kind: 'counts' },
  frame: undefined,
})

function removal(seq: number, of: number, unread: number): LiveMove {
  const told = { id: id(of), collapseKey: 'k', reason: 'recalled' as const, unread, unseen: 0 }
  const move: LogMove = { user: 'alice', seq, change: { kind: 'removed', ...told } }
  return { ...move, frame: () => removedFrame({ seq, ...told }, told) }
}

describe('gap', () => {
  test('comes first where the start is below the horizon, and its end may be acknowledged', async () => {
    const under = openReader({ position: 2, cursor: 2, latest: 6, horizon: 4 })
    under.reader.start(6)
    await under.answer(page([state(5), state(6)], { latest: 6, horizon: 4, unread: 2 }))
    expect(under.said).toEqual([
      ['gap', 2, 4, 'retention'],
      ['updated', 5, 'replayed'],
      ['updated', 6, 'replayed'],
      ['caught_up', 6, 2],
    ])
  })

  test('is told to a new device too', async () => {
    const under = openReader({ latest: 3, horizon: 2 })
    under.reader.start(3)
    expect(under.reader.mayAcknowledge(1)).toBe(false)
    await under.answer(page([state(3)], { latest: 3, horizon: 2 }))
    expect(under.said[0]).toEqual(['gap', 0, 2, 'retention'])
  })

  test('its end may be acknowledged, and nothing behind it', async () => {
    const under = openReader({ latest: 9 }, { maxUnacked: 1 })
    under.reader.start(9)
    expect(under.reader.mayAcknowledge(1)).toBe(false)
    await under.answer(page([], { latest: 9, horizon: 4, through: 4 }))
    expect([4, 5].map((seq) => under.reader.mayAcknowledge(seq))).toEqual([true, false])
  })

  test('comes to a live reader that was too slow, and what it was not sent of it takes no place', async () => {
    const under = openReader({}, { maxUnacked: 2 })
    under.reader.start(0)
    under.reader.wake({ ...counts(8), change: undefined })
    await under.answer(page([state(1), state(2)], { latest: 8, through: 2, unread: 8 }))
    expect(under.asked).toHaveLength(1)
    // The window is full: while it waits, retention goes past it.
    under.reader.acknowledge(1)
    expect(under.asked[1]?.query).toMatchObject({ after: 2, limit: 1 })
    await under.answer(page([state(7)], { latest: 8, horizon: 6, through: 7, unread: 2 }))
    expect(under.said.slice(3)).toEqual([
      ['gap', 2, 6, 'retention'],
      ['updated', 7, 2],
    ])
    expect(under.asked).toHaveLength(2)
    under.reader.acknowledge(6)
    expect(under.asked[2]?.query).toMatchObject({ after: 7, limit: 1 })
  })

  test('comes in the middle of a replay', async () => {
    const under = openReader({ latest: 5 })
    under.reader.start(5)
    await under.answer(page([state(1)], { latest: 5, through: 1 }))
    await under.answer(page([state(5)], { latest: 5, horizon: 3 }))
    expect(under.said).toEqual([
      ['updated', 1, 'replayed'],
      ['gap', 1, 3, 'retention'],
      ['updated', 5, 'replayed'],
      ['caught_up', 5, 0],
    ])
  })

  test('past all that stood there at the welcome is followed by caught_up, and then what is live', async () => {
    const under = openReader({ latest: 3 })
    under.reader.start(9)
    await under.answer(page([state(8), state(9)], { latest: 9, horizon: 7, unread: 2 }))
    expect(under.said).toEqual([
      ['gap', 0, 7, 'retention'],
      ['caught_up', 3, 2],
      ['updated', 8, 2],
      ['updated', 9, 2],
    ])
  })

  test('reaches to the end where nothing is left', async () => {
    const under = openReader({ latest: 3 })
    under.reader.start(3)
    await under.answer(page([], { latest: 3, horizon: 3 }))
    expect(under.said).toEqual([
      ['gap', 0, 3, 'retention'],
      ['caught_up', 3, 0],
    ])
    expect(under.reader.mayAcknowledge(3)).toBe(true)
    expect(under.asked).toHaveLength(1)
  })

  test('is not told of what was sent already, by a page that was read before it was removed', async () => {
    const under = openReader({ latest: 4 })
    under.reader.start(4)
    await under.answer(page([state(1), state(2)], { latest: 4, through: 2 }))
    await under.answer(page([state(3), state(4)], { latest: 4, horizon: 1 }))
    under.reader.wake({ ...counts(5), change: undefined })
    await under.answer(page([state(5)], { latest: 5, horizon: 4 }))
    expect(under.socket.types).not.toContain('gap')
  })

  test('goes before what a full buffer held back, where that was removed meanwhile', async () => {
    const under = openReader({ latest: 4 })
    under.socket.onSend = () => (under.socket.bufferedAmount = HIGH_WATER + 1)
    under.reader.start(4)
    await under.answer(page([1, 2, 3, 4].map(state), { latest: 4 }))
    expect(under.said).toEqual([['updated', 1, 'replayed']])
    under.socket.onSend = () => undefined
    under.socket.bufferedAmount = 0
    under.reader.drained()
    await under.answer(page([state(4)], { latest: 4, horizon: 3, unread: 1 }))
    expect(under.said.slice(1)).toEqual([
      ['gap', 1, 3, 'retention'],
      ['updated', 4, 'replayed'],
      ['caught_up', 4, 1],
    ])
  })
})

describe('counts', () => {
  test('are those of a page that was asked for after the wake', async () => {
    const under = openReader({ unread: 5 })
    under.reader.start(0)
    under.reader.wake(counts(0))
    expect(under.socket.types).toEqual(['caught_up'])
    await under.answer(page([], { unread: 3 }))
    expect(under.said.slice(1)).toEqual([['counts', 3]])
    expect(under.asked).toHaveLength(1)
  })

  test('that change while a page is read are told by the next one, though the first brought nothing', async () => {
    const under = openReader({ unread: 5 })
    under.reader.start(0)
    under.reader.wake(counts(0))
    under.reader.wake(counts(0))
    await under.answer(page([], { unread: 4 }))
    await under.answer(page([], { unread: 3 }))
    expect(under.said.slice(1)).toEqual([
      ['counts', 4],
      ['counts', 3],
    ])
    expect(under.asked).toHaveLength(2)
  })

  test('are not told in a replay, whose end tells them', async () => {
    const under = openReader({ latest: 3 })
    under.reader.start(3)
    under.reader.wake(counts(3))
    for (const seq of [1, 2]) {
      await under.answer(page([state(seq)], { latest: 3, through: seq, unread: 2 }))
    }
    expect(under.socket.types).toEqual(['updated', 'updated'])
    await under.answer(page([state(3)], { latest: 3, unread: 1 }))
    expect(under.said.slice(2)).toEqual([
      ['updated', 3, 'replayed'],
      ['caught_up', 3, 1],
    ])
  })

  test('that changed while the last page of a replay was read are told after it', async () => {
    const under = openReader({ latest: 1 })
    under.reader.start(1)
    under.reader.wake(counts(1))
    await under.answer(page([state(1)], { latest: 1, unread: 1 }))
    await under.answer(page([], { latest: 1, unread: 0 }))
    expect(under.said).toEqual([
      ['updated', 1, 'replayed'],
      ['caught_up', 1, 1],
      ['counts', 0],
    ])
  })

  test('wait for room, and are then as of then', async () => {
    const under = openReader({})
    under.reader.start(0)
    under.socket.bufferedAmount = HIGH_WATER + 1
    under.reader.wake(counts(0))
    expect(under.asked).toHaveLength(0)
    under.socket.bufferedAmount = 0
    under.reader.drained()
    await under.answer(page([], { unread: 2 }))
    expect(under.said.slice(1)).toEqual([['counts', 2]])
  })

  test('never go back behind what an entry has told: what arrives while they are read comes with that page', async () => {
    const under = openReader({})
    under.reader.start(0)
    under.reader.wake(counts(0))
    // Its own counts are older than those of the page that has it.
    under.reader.wake(removal(1, 9, 7))
    await under.answer(page([removed(1, 9)], { latest: 1, unread: 3 }))
    expect(under.said.slice(1)).toEqual([
      ['removed', 1, 3],
      ['counts', 3],
    ])
    under.reader.wake(removal(1, 9, 7))
    expect(under.said).toHaveLength(3)
  })
})

describe('removed', () => {
  test('goes out live without a look at the store, with the counts as of then', () => {
    const under = openReader({ unread: 2 })
    under.reader.start(0)
    under.reader.wake(removal(1, 9, 1))
    under.reader.wake(removal(2, 8, 0))
    expect(under.said.slice(1)).toEqual([
      ['removed', 1, 1],
      ['removed', 2, 0],
    ])
    expect(under.asked).toEqual([])
    expect([2, 3].map((seq) => under.reader.mayAcknowledge(seq))).toEqual([true, false])
  })

  test('tells no counts in a replay', async () => {
    const under = openReader({ latest: 2, unread: 0 })
    under.reader.start(2)
    await under.answer(page([removed(2, 1)], { latest: 2 }))
    expect(under.said).toEqual([
      ['removed', 2, 'replayed'],
      ['caught_up', 2, 0],
    ])
  })

  test('takes a place in the window', async () => {
    const under = openReader({}, { maxUnacked: 2 })
    under.reader.start(0)
    for (const seq of [1, 2, 3]) under.reader.wake(removal(seq, 10 + seq, 0))
    expect(under.said.slice(1)).toEqual([
      ['removed', 1, 0],
      ['removed', 2, 0],
    ])
    expect(under.reader.fullSince).toBe(0)
    under.reader.acknowledge(1)
    expect(under.reader.fullSince).toBeUndefined()
    expect(under.asked[0]?.query).toMatchObject({ after: 2, limit: 1 })
    await under.answer(page([removed(3, 13)], { latest: 3 }))
    expect(under.said.at(-1)).toEqual(['removed', 3, 0])
  })

  test('by a late wake is not told again, nor in place of what has moved since', async () => {
    const under = openReader({})
    under.reader.start(0)
    // The wake of 1 is late; what it tells of has given way to 3 by now.
    under.reader.wake(removal(3, 9, 0))
    await under.answer(page([removed(2, 8), removed(3, 9)], { latest: 3 }))
    under.reader.wake(removal(1, 9, 5))
    under.reader.wake(removal(2, 8, 5))
    expect(under.said.slice(1)).toEqual([
      ['removed', 2, 0],
      ['removed', 3, 0],
    ])
  })

  test('is not told where a page knew that its place is empty by now, though it was not sent whole', async () => {
    const under = openReader({})
    under.reader.start(0)
    under.socket.onSend = () => (under.socket.bufferedAmount = HIGH_WATER + 1)
    // What was removed at 2 has given way to what came at 3.
    under.reader.wake({ ...counts(3), change: undefined })
    await under.answer(page([state(1), state(3)], { latest: 3, unread: 2 }))
    expect(under.said.slice(1)).toEqual([['updated', 1, 2]])
    under.socket.onSend = () => undefined
    under.socket.bufferedAmount = 0
    under.reader.wake(removal(2, 9, 1))
    await under.answer(page([state(3)], { latest: 3, unread: 2 }))
    expect(under.said.slice(2)).toEqual([['updated', 3, 2]])
  })

  test('of a page that was read before waits for the next one where a gap has passed it', async () => {
    const under = openReader({})
    under.reader.start(0)
    under.reader.wake({ ...counts(1), change: undefined })
    // While the page is read, retention takes 1, and 2 is removed: its wake can't be told before the page is.
    under.reader.wake(removal(2, 9, 0))
    await under.answer(page([state(1)], { latest: 1, unread: 1 }))
    expect(under.asked[1]?.query).toMatchObject({ after: 1 })
    await under.answer(page([removed(2, 9)], { latest: 2, horizon: 1 }))
    expect(under.said.slice(1)).toEqual([
      ['updated', 1, 1],
      ['removed', 2, 0],
    ])
  })
})

test('counts each entry that it hands to the socket, what of them is replayed, and what is acknowledged', async () => {
  const under = openReader({ latest: 3, horizon: 1 }, { maxUnacked: 4, batch: true })
  const counted = (): number[] => {
    const { sent, replayed, acknowledged } = under.traffic.sums
    return [sent, replayed, acknowledged]
  }
  under.reader.start(3)
  expect(counted()).toEqual([0, 0, 0])
  // The gap before them is no entry.
  await under.answer(page([state(2), state(3)], { latest: 3, horizon: 1 }))
  expect(counted()).toEqual([2, 2, 0])
  under.reader.wake(removal(4, 2, 1))
  under.reader.wake(removal(5, 3, 0))
  expect(counted()).toEqual([4, 2, 0])
  // Without room nothing is handed over.
  under.reader.wake(removal(6, 1, 0))
  expect(counted()).toEqual([4, 2, 0])
  under.reader.acknowledge(4)
  under.reader.acknowledge(4)
  expect(counted()).toEqual([4, 2, 3])
  await under.answer(page([removed(6, 1)], { latest: 6 }))
  under.reader.acknowledge(6)
  expect(counted()).toEqual([5, 2, 5])
})
