import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Allowance } from '../../src/auth/allowance.js'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'performance', 'setTimeout', 'clearTimeout'] })
})

afterEach(() => {
  vi.useRealTimers()
})

test('lets each key take so much within so many seconds, and then again', async () => {
  const allowance = new Allowance({ max: 2, seconds: 10 })
  expect(await allowance.take('a')).toEqual({ isTooMuch: false, remaining: 1, seconds: 10 })
  vi.advanceTimersByTime(3_500)
  expect(await allowance.take('a')).toEqual({ isTooMuch: false, remaining: 0, seconds: 7 })
  expect(await allowance.take('a')).toEqual({ isTooMuch: true, remaining: 0, seconds: 7 })
  expect(await allowance.take('b')).toMatchObject({ isTooMuch: false, remaining: 1 })
  vi.advanceTimersByTime(6_499)
  expect(await allowance.take('a')).toEqual({ isTooMuch: true, remaining: 0, seconds: 1 })
  vi.advanceTimersByTime(1)
  expect(await allowance.take('a')).toEqual({ isTooMuch: false, remaining: 1, seconds: 10 })
})

test('gives all that is asked for, or nothing of it', async () => {
  const allowance = new Allowance({ max: 10, seconds: 10 })
  expect(await allowance.take('a', 11)).toMatchObject({ isTooMuch: true, remaining: 10 })
  expect(await allowance.take('a', 4)).toMatchObject({ isTooMuch: false, remaining: 6 })
  expect(await allowance.take('a', 7)).toMatchObject({ isTooMuch: true, remaining: 6 })
  expect(await allowance.take('a', 6)).toMatchObject({ isTooMuch: false, remaining: 0 })
})

test('takes nothing by looking, and all that there is by a charge that is too high', async () => {
  const allowance = new Allowance({ max: 10, seconds: 10 })
  expect(await allowance.look('a')).toEqual({ isTooMuch: false, remaining: 10, seconds: 10 })
  await allowance.charge('a', 9)
  expect(await allowance.look('a')).toMatchObject({ isTooMuch: false, remaining: 1 })
  await allowance.charge('a', 9)
  expect(await allowance.look('a')).toEqual({ isTooMuch: true, remaining: 0, seconds: 10 })
  vi.advanceTimersByTime(10_000)
  expect(await allowance.look('a')).toMatchObject({ isTooMuch: false, remaining: 10 })
})

test('makes nobody wait longer than its seconds, though the clock is set back', async () => {
  const allowance = new Allowance({ max: 1, seconds: 10 })
  await allowance.take('a')
  vi.setSystemTime(Date.now() - 3_600_000)
  expect(await allowance.take('a')).toMatchObject({ isTooMuch: true, seconds: 10 })
  vi.advanceTimersByTime(10_000)
  expect(await allowance.take('a')).toMatchObject({ isTooMuch: false })
})

test('holds no more keys than it may, and none for longer than its seconds', async () => {
  const allowance = new Allowance({ max: 1, seconds: 10, maxKeys: 3 })
  for (const key of ['a', 'b', 'c', 'd', 'e']) {
    expect(await allowance.take(key)).toMatchObject({ isTooMuch: false })
  }
  // The first three are counted; who came after them passes, and takes no memory.
  expect(vi.getTimerCount()).toBe(3)
  expect(await allowance.take('a')).toMatchObject({ isTooMuch: true })
  expect(await allowance.take('d')).toMatchObject({ isTooMuch: false })
  await allowance.charge('e', 5)
  expect(await allowance.look('e')).toMatchObject({ isTooMuch: false })
  vi.advanceTimersByTime(20_000)
  expect(vi.getTimerCount()).toBe(0)
  await allowance.take('d')
  expect(await allowance.take('d')).toMatchObject({ isTooMuch: true })
})
