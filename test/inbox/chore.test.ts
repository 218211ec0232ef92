import { expect, test } from 'vitest'
import { Chore } from '../../src/inbox/chore.js'
import { deferred, type Deferred } from '../deferred.js'

/** A chore whose steps end when the test says how. */
function choreUnderTest() {
  const steps: Deferred<boolean>[] = []
  const reported: unknown[] = []
  const chore = new Chore(
    () => {
      const step = deferred<boolean>()
      steps.push(step)
      return step.promise
    },
    (error) => reported.push(error),
  )
  return { chore, steps, reported }
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('takes step after step until there is no more to do, and begins anew when it is started again', async () => {
  const { chore, steps } = choreUnderTest()
  chore.start()
  for (const more of [true, true, false]) {
    steps.at(-1)?.resolve(more)
    await settled()
  }
  expect(steps).toHaveLength(3)
  chore.start()
  expect(steps).toHaveLength(4)
})

test('takes one step at a time, however often it is started', async () => {
  const { chore, steps } = choreUnderTest()
  for (let count = 0; count < 3; count++) chore.start()
  await settled()
  expect(steps).toHaveLength(1)
})

test('stops with the step that is under way, takes no other, and stops as often as it is told', async () => {
  const { chore, steps } = choreUnderTest()
  chore.start()
  let stopped = 0
  const stops = [chore.stop(), chore.stop()].map((stop) => stop.then(() => stopped++))
  await settled()
  expect(stopped).toBe(0)
  steps[0]?.resolve(true)
  await Promise.all(stops)
  chore.start()
  await settled()
  expect(steps).toHaveLength(1)
  await chore.stop()
})

test('reports once what fails again and again, and anew when it had gone well between', async () => {
  const { chore, steps, reported } = choreUnderTest()
  const fail = async (message: string): Promise<void> => {
    chore.start()
    steps.at(-1)?.reject(new Error(message))
    await settled()
  }
  await fail('first')
  await fail('second')
  expect(reported).toEqual([new Error('first')])
  chore.start()
  steps.at(-1)?.resolve(true)
  await settled()
  steps.at(-1)?.reject(new Error('third'))
  await settled()
  expect(reported).toEqual([new Error('first'), new Error('third')])
  // What failed has ended: it may be stopped, and was never left hanging.
  await chore.stop()
})

test('takes one step more where work comes while its last one is under way, and begins where none is', async () => {
  const { chore, steps } = choreUnderTest()
  chore.hurry()
  chore.hurry()
  steps[0]?.resolve(false)
  await settled()
  expect(steps).toHaveLength(2)
  steps[1]?.resolve(false)
  await settled()
  expect(steps).toHaveLength(2)
  await chore.stop()
  chore.hurry()
  await settled()
  expect(steps).toHaveLength(2)
})
