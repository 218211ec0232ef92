import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { Walk } from '../../src/socket/walk.js'

test('goes through all in parts, in turn, and begins again', () => {
  const walk = new Walk(new Set([1, 2, 3, 4, 5]))
  const parts = Array.from({ length: 5 }, () => [...walk.part(3)])
  expect(parts).toEqual([[1, 2], [3, 4], [5], [1, 2], [3, 4]])
})

test('passes over what was removed, and comes to what was added', () => {
  const items = new Set([1, 2, 3])
  const walk = new Walk(items)
  expect([...walk.part(3)]).toEqual([1])
  items.delete(2)
  items.add(4)
  expect([...walk.part(1)]).toEqual([3, 4])
})

test('of an empty set there is nothing, and of what comes later there is', () => {
  const items = new Set<number>()
  const walk = new Walk(items)
  expect([...walk.part(2)]).toEqual([])
  items.add(1)
  expect([...walk.part(2), ...walk.part(2)]).toEqual([1])
})

test('each has its turn, and no more than a part of them at once', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 12 }), (size, parts) => {
      const items = Array.from({ length: size }, (_, index) => index)
      const walk = new Walk(new Set(items))
      const seen = Array.from({ length: parts }, () => [...walk.part(parts)])
      expect(new Set(seen.flat())).toEqual(new Set(items))
      for (const part of seen) expect(part.length).toBeLessThanOrEqual(Math.ceil(size / parts))
    }),
  )
})
