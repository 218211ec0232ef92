import { afterAll, beforeAll, expect, test } from 'vitest'
import { startService, type TestService } from '../harness.js'
import { AsUser } from './as-user.js'
import { problemOf, shortOf } from './problem-of.js'

const ABSENT = '01890a5d-ac96-774b-bcce-b302099a8057'

let service: TestService

beforeAll(async () => {
  service = await startService()
})
afterAll(async () => {
  await service[Symbol.asyncDispose]()
})

test('one notification is as the list has it, in its latest state', async () => {
  const [first, second] = await service.api.sendMany('alice', 2)
  const user = await AsUser.of(service.api, 'alice')
  const { items } = await user.list()
  expect([await user.one(second?.id ?? ''), await user.one(first?.id ?? '')]).toEqual(items)

  await user.mark({ action: 'archived', ids: [first?.id] })
  const archived = await user.one(first?.id ?? '')
  expect([archived]).toEqual((await user.list({ filter: 'archived' })).items)
  expect(archived).toMatchObject({ seq: 3, arrivedSeq: 1 })
})

test('answers the same for one that is not there, one of another user and one that is none', async () => {
  const { id } = await service.api.send('mallory', 'hers')
  const user = await AsUser.of(service.api, 'bob')
  const none = ['x', 'a', '-', '%00', '%ff', 'x'.repeat(5_000), `${id}0`, id.toUpperCase()]
  const problems = await Promise.all(
    [ABSENT, id, ...none].map(async (text) => {
      const { requestId, ...problem } = await problemOf(await user.ask(`/v1/inbox/${text}`))
      return [requestId !== '', problem]
    }),
  )
  expect(problems[0]).toMatchObject([true, { status: 404, code: 'not_found' }])
  for (const problem of problems) expect(problem).toEqual(problems[0])
})

test('takes neither the counts nor the changes for a notification', async () => {
  const user = await AsUser.of(service.api, 'carol')
  const { epoch } = await user.counts()
  expect(await user.changes({ epoch })).toMatchObject({ events: [], caughtUp: true })
})

test('has no query', async () => {
  const { id } = await service.api.send('dave', 'x')
  const user = await AsUser.of(service.api, 'dave')
  const answer = await user.ask(`/v1/inbox/${id}?filter=all`)
  expect(await shortOf(answer)).toBe('400 invalid_query /filter:unknown_field')
})
