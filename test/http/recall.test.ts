import { afterAll, beforeAll, expect, test } from 'vitest'
import { DeliveryList } from '../../src/protocol/deliveries.js'
import { NotificationOverview, SendReceipt } from '../../src/protocol/send.js'
import { serviceToken, startService, tokenFor, type TestService } from '../harness.js'
import { AsUser } from './as-user.js'
import { problemOf, shortOf } from './problem-of.js'

const ABSENT = '01890a5d-ac96-774b-bcce-b302099a8057'

let service: TestService
let token: string

beforeAll(async () => {
  service = await startService()
  token = await serviceToken('posthorn:send posthorn:read')
})
afterAll(() => service[Symbol.asyncDispose]())

const recall = (id: string, by = token): Promise<Response> =>
  service.api.request(`/v1/notifications/${id}`, { method: 'DELETE', token: by })

async function send(to: object, more: object = {}): Promise<SendReceipt> {
  return SendReceipt.parse(
    await (await service.api.post({ to, type: 't', ...more }, { token })).json(),
  )
}

async function overview(id: string): Promise<NotificationOverview> {
  const response = await service.api.request(`/v1/notifications/${id}`, { token })
  return NotificationOverview.parse(await response.json())
}

async function statuses(id: string): Promise<string[]> {
  const response = await service.api.request(`/v1/notifications/${id}/deliveries`, { token })
  const { items } = DeliveryList.parse(await response.json())
  return items.map(({ user, device, status }) => `${user} ${device} ${status}`)
}

test('DELETE answers 200 with what became of it, and the same again', async () => {
  const { id } = await send({ users: ['ann', 'ben'] }, { title: 'wrong' })
  for (let count = 0; count < 2; count++) {
    const response = await recall(id)
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({
      id,
      status: 'recalled',
      recipients: { total: 2, stored: 2 },
    })
  }
  expect(await overview(id)).toMatchObject({ status: 'recalled', title: 'wrong' })
  const ann = await AsUser.of(service.api, 'ann')
  expect(await ann.list({ filter: 'all' })).toMatchObject({ items: [], unread: 0, latest: 2 })
  expect((await ann.ask(`/v1/inbox/${id}`)).status).toBe(404)
  expect(await ann.mark({ action: 'read', ids: [id] })).toMatchObject({ updated: 0, latest: 2 })
})

test('deliveries tell who had it, who was to get it, and for whom it was replaced before', async () => {
  await using phone = await service.api.connect('cat', { device: 'phone' })
  await using laptop = await service.api.connect('cat', { device: 'laptop' })
  await using skipper = await service.api.connect('dan', { device: 'skipper' })
  for (const client of [phone, laptop, skipper]) await client.first('caught_up')
  const { id } = await send({ users: ['cat', 'dan', 'eve'] }, { collapseKey: 'k' })
  await phone.reached(1)
  await phone.acknowledgeAndWait(1)
  expect(await statuses(id)).toEqual([
    'cat phone delivered',
    'cat laptop pending',
    'dan skipper pending',
    'eve null pending',
  ])
  await using skipped = await service.api.connect('dan', {
    device: 'skipper',
    query: { cursor: 'latest' },
  })
  await skipped.first('caught_up')
  expect(await statuses(id)).toContain('dan skipper skipped')
  await send({ user: 'eve' }, { collapseKey: 'k' })
  await recall(id)
  expect(await statuses(id)).toEqual([
    'cat phone delivered',
    'cat laptop recalled',
    'dan skipper recalled',
    'eve null replaced',
  ])
})

test('DELETE cancels what is scheduled', async () => {
  const deliverAt = new Date(Date.now() + 3_600_000).toISOString()
  const { id } = await send({ users: ['fay', 'gus'] }, { deliverAt })
  const response = await recall(id)
  expect(response.status).toBe(200)
  const receipt = { id, status: 'recalled', recipients: { total: 2, stored: 0 } }
  expect(await response.json()).toEqual(receipt)
  expect(await (await recall(id)).json()).toEqual(receipt)
  expect(await overview(id)).toMatchObject({ status: 'recalled' })
  expect(await statuses(id)).toEqual(['fay null recalled', 'gus null recalled'])
})

test('DELETE out of more than 500 inboxes is answered 202 until it is done, then 200', async () => {
  const users = Array.from({ length: 501 }, (_, number) => `many-${number}`)
  const { id } = await send({ users })
  await using last = await service.api.connect('many-500')
  await last.first('caught_up')
  const response = await recall(id)
  expect(response.status).toBe(202)
  expect(await response.json()).toEqual({
    id,
    status: 'recalled',
    recipients: { total: 501, stored: 501 },
  })
  expect((await overview(id)).status).toBe('recalled')
  await last.first('removed')
  await expect.poll(async () => (await recall(id)).status).toBe(200)
})

test('DELETE answers alike for what is not there, what another service sent, and what is no id', async () => {
  const { id } = await send({ user: 'hal' }, { title: 'stays' })
  const others = [
    await tokenFor('billing', { scope: 'posthorn:send' }),
    await tokenFor('shop', { scope: 'posthorn:send', iss: 'https://issuer.example' }),
  ]
  const answers = await Promise.all([
    recall(ABSENT),
    recall('x'),
    recall(id.toUpperCase()),
    recall('%00'),
    ...others.map((other) => recall(id, other)),
  ])
  const problems = await Promise.all(
    answers.map(async (answer) => {
      const { requestId: _requestId, ...problem } = await problemOf(answer)
      return problem
    }),
  )
  expect(problems[0]).toMatchObject({ status: 404, code: 'not_found' })
  for (const problem of problems) expect(problem).toEqual(problems[0])
  const { items } = await (await AsUser.of(service.api, 'hal')).list()
  expect(items.map(({ title }) => title)).toEqual(['stays'])
})

test('DELETE asks for the scope to send, and for no query', async () => {
  const { id } = await send({ user: 'ida' })
  expect(await shortOf(await recall(id, await tokenFor('shop', { scope: 'posthorn:read' })))).toBe(
    '403 insufficient_scope',
  )
  expect(await shortOf(await recall(id, await tokenFor('ida')))).toBe('403 insufficient_scope')
  expect(await shortOf(await recall(`${id}?now=true`))).toBe('400 invalid_query /now:unknown_field')
  expect((await overview(id)).status).toBe('stored')
})
