import { expect, test } from 'vitest'
import type { Entry } from './messages.js'
import { compareLogs, shorten } from './oracle.js'

const accepted: Entry[] = [
  ['ann', 1, 'a'],
  ['bob', 1, 'b'],
  ['ann', 2, 'c'],
]

test('logs in which each came once and in order are right, however users mix', () => {
  expect(compareLogs(accepted, accepted)).toEqual([])
  const byUser = accepted.toSorted(([one], [other]) => one.localeCompare(other))
  expect(compareLogs(accepted, byUser)).toEqual([])
})

test('a missing one is noticed', () => {
  expect(compareLogs(accepted, accepted.slice(1))).toEqual([
    'ann@1 (a) was accepted and did not come',
  ])
})

test('a doubled one is noticed', () => {
  const found = compareLogs(accepted, [...accepted, ['bob', 1, 'b']])
  expect(found).toEqual([
    'bob@1 came after 1',
    'bob@1 came as b, which was not accepted there, or came before',
  ])
})

test('a wrong order is noticed', () => {
  expect(compareLogs(accepted, accepted.toReversed())).toEqual(['ann@1 came after 2'])
})

test('one in the place of another is noticed, and one that nobody sent', () => {
  const found = compareLogs(accepted, [['ann', 1, 'x'], ...accepted.slice(1), ['eve', 1, 'y']])
  expect(found).toEqual([
    'ann@1 (a) was accepted and did not come',
    'ann@1 came as x, which was not accepted there, or came before',
    'eve@1 came as y, which was not accepted there, or came before',
  ])
})

test('a place that was given twice is noticed', () => {
  const twice: Entry[] = [...accepted, ['bob', 1, 'd']]
  expect(compareLogs(twice, twice)).toContain('bob@1 was given to two notifications')
})

test('of many alike the first five are told', () => {
  const many = Array.from({ length: 8 }, (_, index) => String(index))
  expect(shorten(many)).toEqual(['0', '1', '2', '3', '4', '… and 3 more like these'])
  expect(shorten(many.slice(3))).toEqual(many.slice(3))
})
