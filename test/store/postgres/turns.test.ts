import { expect, test } from 'vitest'
import { Turns } from '../../../src/store/postgres/turns.js'
import { deferred } from '../../deferred.js'

test('what concerns one user waits for what was asked before, also where that fails', async () => {
  const turns = new Turns()
  const first = deferred<string>()
  const done: string[] = []
  const failing = turns.take(['alice', 'bob'], async () => {
    done.push(await first.promise)
    throw new Error('no')
  })
  const second = turns.take(['bob'], () => Promise.resolve(done.push('second')))
  await turns.take(['carol'], () => Promise.resolve(done.push('of another')))
  await turns.take([], () => Promise.resolve(done.push('of nobody')))
  first.resolve('first')
  await expect(failing).rejects.toThrow('no')
  await second
  expect(done).toEqual(['of another', 'of nobody', 'first', 'second'])
})
