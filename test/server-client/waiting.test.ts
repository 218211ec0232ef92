import { expect, test } from 'vitest'
import { wait } from '../../src/server-client/waiting.js'
import { FakeTime } from './fake-time.js'

test('waits its time and leaves no timer behind', async () => {
  const time = new FakeTime()
  const waited = wait(time.environment.timer, 500, undefined)
  expect(time.timers).toBe(1)
  await time.elapse(500)
  await waited
  expect(time.timers).toBe(0)
})

test('ends as soon as its signal is aborted, with the reason, and leaves no timer behind', async () => {
  const time = new FakeTime()
  const controller = new AbortController()
  const waited = wait(time.environment.timer, 500, controller.signal)
  controller.abort(new Error('enough'))
  await expect(waited).rejects.toThrow('enough')
  await expect(wait(time.environment.timer, 500, controller.signal)).rejects.toThrow('enough')
  expect(time.timers).toBe(0)
})

test('a reason that is no error becomes the cause of one', async () => {
  const signal = AbortSignal.abort('enough')
  const waited = wait(new FakeTime().environment.timer, 500, signal)
  await expect(waited).rejects.toMatchObject({ message: 'aborted', cause: 'enough' })
})
