import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Condition } from '../../../src/store/sqlite/condition.js'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const failing = (): Condition =>
  new Condition({
    role: 'writer',
    probe: () => Promise.reject(new Error('full')),
    report: () => undefined,
  })

test('looks whether a trouble is over until it is closed', () => {
  const condition = failing()
  condition.failed('full', new Error('full'))
  expect(vi.getTimerCount()).toBe(1)
  condition.close()
  expect(vi.getTimerCount()).toBe(0)
})

test('what fails after the close keeps no process alive', () => {
  const condition = failing()
  condition.close()
  condition.failed('full', new Error('full'))
  expect(vi.getTimerCount()).toBe(0)
})
