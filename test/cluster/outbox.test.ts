import { expect, test } from 'vitest'
import { Outbox } from '../../src/cluster/outbox.js'

const texts = (taken: readonly { text: string }[]): string[] => taken.map(({ text }) => text)

test('gives the oldest first, of so many bytes, and at least one', () => {
  const outbox = new Outbox()
  for (const text of ['aaaa', 'bb', 'é', 'd']) outbox.put(0, text)
  expect(texts(outbox.take(3))).toEqual(['aaaa'])
  expect(texts(outbox.take(4))).toEqual(['bb', 'é'])
  expect(texts(outbox.take(4))).toEqual(['d'])
  expect(outbox.take(4)).toEqual([])
})

test('takes back what did not get through, before all others', () => {
  const outbox = new Outbox()
  outbox.put(0, 'a')
  const taken = outbox.take(10)
  outbox.put(0, 'b')
  outbox.giveBack(taken)
  expect(texts(outbox.take(10))).toEqual(['a', 'b'])
})

test('lets the oldest go where there is no room, and tells once on which channels', () => {
  const outbox = new Outbox(8)
  outbox.put(1, 'aaaa')
  outbox.put('all', 'bbbb')
  outbox.put(2, 'cc')
  expect(outbox.dropped).toBe(1)
  expect([...outbox.takeDropped()]).toEqual([1])
  expect([...outbox.takeDropped()]).toEqual([])
  expect(texts(outbox.take(100))).toEqual(['bbbb', 'cc'])
})
