import { expect, test } from 'vitest'
import { PosthornError } from '../../../src/protocol/errors.js'
import { Together } from '../../../src/store/sqlite/together.js'
import { numbers } from '../contract/store-under-test.js'

/** Answers each number by its double, and notes what was asked together. */
function doubling(refused: (numbers: readonly number[]) => Error | undefined = () => undefined) {
  const asked: number[][] = []
  const together = new Together({
    keyOf: (input: number) => `key ${input}`,
    ask: (inputs) => {
      asked.push(inputs)
      const error = refused(inputs)
      return error ? Promise.reject(error) : Promise.resolve(inputs.map((input) => input * 2))
    },
  })
  return { asked, together }
}

test('asks for what comes within some milliseconds together, in its order, without being told to', async () => {
  const { asked, together } = doubling()
  expect(await Promise.all([3, 1, 2].map((number) => together.add(number)))).toEqual([6, 2, 4])
  expect(asked).toEqual([[3, 1, 2]])
})

test('asks for at most 32 at once', async () => {
  const { asked, together } = doubling()
  const outcomes = Promise.all(numbers(1, 70).map((number) => together.add(number)))
  together.flush()
  expect(asked).toEqual([numbers(1, 32), numbers(33, 64), numbers(65, 70)])
  expect(await outcomes).toEqual(numbers(1, 70).map((number) => number * 2))
})

test('asks for nothing where nothing came, and once where it was told to hurry', async () => {
  const { asked, together } = doubling()
  together.flush()
  const outcome = together.add(1)
  together.flush()
  together.flush()
  expect(await outcome).toBe(2)
  expect(await together.add(2)).toBe(4)
  expect(asked).toEqual([[1], [2]])
})

test('what can not be done fails alone', async () => {
  const { asked, together } = doubling((inputs) =>
    inputs.includes(2) ? new Error('two is too much') : undefined,
  )
  const outcomes = await Promise.allSettled([1, 2, 3].map((number) => together.add(number)))
  expect(outcomes).toEqual([
    { status: 'fulfilled', value: 2 },
    { status: 'rejected', reason: new Error('two is too much') },
    { status: 'fulfilled', value: 6 },
  ])
  expect(asked).toEqual([[1, 2, 3], [1], [2], [3]])
})

test('a store that is away is told to all, and asked no second time', async () => {
  const away = new PosthornError('store_unavailable', 'The store is away.')
  const { asked, together } = doubling(() => away)
  const outcomes = await Promise.allSettled([1, 2].map((number) => together.add(number)))
  expect(outcomes).toEqual([
    { status: 'rejected', reason: away },
    { status: 'rejected', reason: away },
  ])
  expect(asked).toEqual([[1, 2]])
})

test('says whom what waits concerns, until it is asked for', async () => {
  const { together } = doubling()
  const outcome = together.add(1)
  expect([together.concern('key 1'), together.concern('key 2')]).toEqual([true, false])
  together.flush()
  expect(together.concern('key 1')).toBe(false)
  await outcome
})
