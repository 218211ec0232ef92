import { afterAll, beforeAll, expect, test } from 'vitest'
import { startService, type TestService } from '../harness.js'
import { AsUser } from './as-user.js'
import { shortOf } from './problem-of.js'

const ID = '01890a5d-ac96-774b-bcce-b302099a8057'

let service: TestService
let user: AsUser
let epoch: string

beforeAll(async () => {
  service = await startService()
  await service.api.sendMany('alice', 2)
  user = await AsUser.of(service.api, 'alice')
  epoch = (await user.counts()).epoch
})
afterAll(async () => {
  await service[Symbol.asyncDispose]()
})

const mark = async (body: unknown): Promise<string> =>
  shortOf(await user.post('/v1/inbox/mark', body))

test.each<[unknown, string]>([
  [[], ':invalid_type'],
  ['read', ':invalid_type'],
  [null, ':invalid_type'],
  [{ ids: [ID], action: 'deleted' }, '/action:invalid_value'],
  [{ ids: [ID], action: 'Read' }, '/action:invalid_value'],
  [{ action: 'read' }, '/ids:required'],
  [{ action: 'read', ids: [] }, '/ids:invalid_value'],
  [{ action: 'read', ids: Array.from({ length: 501 }, () => ID) }, '/ids:invalid_value'],
  [{ action: 'read', ids: ID }, '/ids:invalid_type'],
  [{ action: 'read', ids: null }, '/ids:invalid_type'],
  [{ action: 'read', ids: ['x'] }, '/ids/0:invalid_value'],
  [{ action: 'read', ids: [ID, ID.toUpperCase()] }, '/ids/1:invalid_value'],
  [{ action: 'read', ids: [ID], upTo: 1 }, '/upTo:unknown_field'],
  [{ action: 'read', ids: [ID], epoch: 'e' }, '/epoch:unknown_field'],
  [{ action: 'read', ids: [ID], type: 'test' }, '/type:unknown_field'],
  [{ action: 'read', upTo: -1, epoch: 'e' }, '/upTo:invalid_value'],
  [{ action: 'read', upTo: '1', epoch: 'e' }, '/upTo:invalid_type'],
  [{ action: 'read', upTo: null, epoch: 'e' }, '/upTo:invalid_type'],
  [{ action: 'read', upTo: 1, epoch: '' }, '/epoch:invalid_value'],
  [{ action: 'read', upTo: 1, epoch: 'e', type: 'a b' }, '/type:invalid_value'],
  [{ action: 'read', upTo: 1, epoch: 'e', type: null }, '/type:invalid_type'],
  [{ action: 'read', upTo: 1, epoch: 'e', more: 1 }, '/more:unknown_field'],
])('refuses the shape %j', async (body, violation) => {
  expect(await mark(body)).toBe(`422 invalid_request ${violation}`)
})

test('asks for the epoch of `upTo`, and refuses another', async () => {
  expect(await mark({ action: 'read', upTo: 1 })).toBe('400 epoch_required')
  expect(await mark({ action: 'read', upTo: 1, epoch: `${epoch}x` })).toBe('409 epoch_mismatch')
  const nobody = await AsUser.of(service.api, 'nobody')
  const body = { action: 'read', upTo: 1, epoch: `${epoch}x` }
  expect(await shortOf(await nobody.post('/v1/inbox/mark', body))).toBe('409 epoch_mismatch')
})

test.each(['/v1/inbox/mark', '/v1/inbox/ack'])('%s takes JSON of at most 1 MiB', async (path) => {
  const large = { action: 'x'.repeat(1024 * 1024) }
  expect(await shortOf(await user.post(path, large))).toBe('413 payload_too_large')
  expect(await shortOf(await user.post(path, undefined))).toBe('400 malformed_body')
})

test.each(['/v1/inbox/mark', '/v1/inbox/ack'])('%s has no query', async (path) => {
  const answer = await user.post(`${path}?action=read`, { action: 'read', ids: [ID] })
  expect(await shortOf(answer)).toBe('400 invalid_query /action:unknown_field')
})

test('what was refused has changed nothing', async () => {
  const { items } = await user.list()
  const upTo = { action: 'archived', upTo: 2 }
  await mark({ ...upTo, epoch: `${epoch}x` })
  await mark({ action: 'archived', ids: [...items.map(({ id }) => id), 'x'] })
  expect(await user.list()).toMatchObject({ items, unread: 2, unseen: 2, latest: 2 })
})
