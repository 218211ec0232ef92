import { expect, test } from 'vitest'
import { arrivalMoves, removalMoves } from '../../src/inbox/moves.js'

test('an arrival wakes each user whom it has reached, with the counts of each', () => {
  const arrivals = [
    { user: 'alice', seq: 3, unread: 2, unseen: 1 },
    { user: 'bob', seq: 1, unread: 1, unseen: 1 },
  ]
  expect(arrivalMoves({ contentJson: '{}', arrivals })).toEqual([
    { user: 'alice', seq: 3, change: { kind: 'arrived', contentJson: '{}', unread: 2, unseen: 1 } },
    { user: 'bob', seq: 1, change: { kind: 'arrived', contentJson: '{}', unread: 1, unseen: 1 } },
  ])
})

test('a removal wakes its user, with what the devices are told', () => {
  const told = { id: 'x', collapseKey: 'k', reason: 'recalled' as const, unread: 4, unseen: 0 }
  expect(removalMoves([{ user: 'alice', seq: 7, ...told }])).toEqual([
    { user: 'alice', seq: 7, change: { kind: 'removed', ...told } },
  ])
})

test('nobody is woken where nobody was reached', () => {
  expect(arrivalMoves({ contentJson: '{}', arrivals: [] })).toEqual([])
  expect(removalMoves([])).toEqual([])
})
