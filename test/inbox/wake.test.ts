import { expect, test } from 'vitest'
import { InProcessWake, type LogMove } from '../../src/inbox/wake.js'

const move = (user: string, seq: number): LogMove => ({ user, seq, change: undefined })

/** A listener, and the moves that it was told of. */
function recorder(): { moves: LogMove[]; listen: (move: LogMove) => void } {
  const moves: LogMove[] = []
  return { moves, listen: (move) => void moves.push(move) }
}

test('tells each listener of each move, in order', () => {
  const wake = new InProcessWake()
  const [first, second] = [recorder(), recorder()]
  wake.subscribe(first.listen)
  wake.subscribe(second.listen)
  wake.publish([move('alice', 1), move('bob', 1)])
  wake.publish([move('alice', 2)])
  const expected = [move('alice', 1), move('bob', 1), move('alice', 2)]
  expect(first.moves).toEqual(expected)
  expect(second.moves).toEqual(expected)
})

test.each<NonNullable<LogMove['change']>>([
  { kind: 'arrived', contentJson: '{}', unread: 1, unseen: 1 },
  {
    kind: 'moved',
    id: 'an id',
    from: 1,
    state: { seq: 2, arrivedSeq: 1, seenAt: 3, readAt: null, archivedAt: null },
    unread: 1,
    unseen: 0,
  },
  { kind: 'removed', id: 'an id', collapseKey: 'a key', reason: 'recalled', unread: 1, unseen: 0 },
  { kind: 'counts' },
])('carries what has $kind', (change) => {
  const wake = new InProcessWake()
  const { moves, listen } = recorder()
  wake.subscribe(listen)
  wake.publish([{ ...move('alice', 1), change }])
  expect(moves).toEqual([{ user: 'alice', seq: 1, change }])
  expect(moves[0]?.change).toBe(change)
})

test('tells a listener nothing once it has gone, and the others go on', () => {
  const wake = new InProcessWake()
  const [gone, stays] = [recorder(), recorder()]
  const leave = wake.subscribe(gone.listen)
  wake.subscribe(stays.listen)
  wake.publish([move('alice', 1)])
  leave()
  leave()
  wake.publish([move('alice', 2)])
  expect(gone.moves.map(({ seq }) => seq)).toEqual([1])
  expect(stays.moves.map(({ seq }) => seq)).toEqual([1, 2])
})

test('tells a listener nothing more from the moment at which it goes, in the midst of moves', () => {
  const wake = new InProcessWake()
  const { moves, listen } = recorder()
  const leave = wake.subscribe((move) => {
    listen(move)
    leave()
  })
  const others = recorder()
  wake.subscribe(others.listen)
  wake.publish([move('alice', 1), move('alice', 2)])
  expect(moves.map(({ seq }) => seq)).toEqual([1])
  expect(others.moves.map(({ seq }) => seq)).toEqual([1, 2])
})

test('has no one to tell before anyone listens', () => {
  const wake = new InProcessWake()
  wake.publish([move('alice', 1)])
  const { moves, listen } = recorder()
  wake.subscribe(listen)
  expect(moves).toEqual([])
})
