import { afterAll, beforeAll, expect, test } from 'vitest'
import { ConnectionList } from '../../src/protocol/connections.js'
import { DeviceList } from '../../src/protocol/devices.js'
import { InboxCounts } from '../../src/protocol/inbox.js'
import { serviceToken, startService, tokenFor, type TestService } from '../harness.js'
import { shortOf } from './problem-of.js'

let service: TestService
let token: string

beforeAll(async () => {
  service = await startService({ environment: { MAX_CONNECTIONS_PER_USER: '4' } })
  token = await serviceToken('posthorn:users')
})
afterAll(async () => {
  await service[Symbol.asyncDispose]()
})

const pathOf = (user: string, rest = ''): string => `/v1/users/${encodeURIComponent(user)}${rest}`

const connections = async (user: string, query = ''): Promise<ConnectionList> => {
  const response = await service.api.request(pathOf(user, `/connections${query}`), { token })
  return ConnectionList.parse(await response.json())
}

const disconnect = (user: string, body: unknown): Promise<Response> =>
  service.api.request(pathOf(user, '/disconnect'), { method: 'POST', token, body })

const closedOfCarol = async (body: unknown): Promise<unknown> =>
  (await disconnect('carol', body)).json()

const erase = (user: string, given = token): Promise<Response> =>
  service.api.request(pathOf(user), { method: 'DELETE', token: given })

const getOfIvan = (rest: string): Promise<Response> =>
  service.api.request(pathOf('ivan', rest), { token })

/** A device that has caught up. */
async function connected(user: string, device: string) {
  const client = await service.api.connect(user, { device })
  const { connection } = (await client.first('welcome')).payload
  await client.first('caught_up')
  return Object.assign(client, { connection })
}

test('lists the connections of a user, the oldest first, page by page', async () => {
  await using phone = await connected('alice', 'phone')
  await using laptop = await connected('alice', 'laptop')
  await using _other = await connected('bob', 'phone')
  const { items, nextPage } = await connections('alice')
  expect(items.map(({ connection }) => connection).toSorted()).toEqual(
    [phone.connection, laptop.connection].toSorted(),
  )
  expect(new Set(items.map(({ device }) => device))).toEqual(new Set(['phone', 'laptop']))
  expect(items.every(({ connectedAt, heardAt }) => connectedAt <= heardAt)).toBe(true)
  expect(nextPage).toBeNull()
  const first = await connections('alice', '?limit=1')
  const second = await connections('alice', `?limit=1&page=${first.nextPage}`)
  expect([...first.items, ...second.items].map(({ connection }) => connection)).toEqual(
    items.map(({ connection }) => connection),
  )
  expect(second.nextPage).toBeNull()
  expect(await connections('nobody')).toEqual({ items: [], nextPage: null })
})

test('disconnects all, a device, or one connection, which close 1012 without an error', async () => {
  await using phone = await connected('carol', 'phone')
  await using twin = await connected('carol', 'phone')
  await using laptop = await connected('carol', 'laptop')
  await using other = await connected('dave', 'phone')
  expect(await closedOfCarol({ connection: other.connection })).toEqual({ closed: 0 })
  expect(await closedOfCarol({ connection: phone.connection, device: 'laptop' })).toEqual({
    closed: 0,
  })
  expect(await closedOfCarol({ connection: phone.connection })).toEqual({ closed: 1 })
  expect(await phone.closed).toEqual({ code: 1012, reason: 'reconnect' })
  expect(phone.errors).toEqual([])
  expect(await closedOfCarol({ device: 'laptop', reconnect: true })).toEqual({ closed: 1 })
  expect((await laptop.closed).code).toBe(1012)
  expect(await closedOfCarol({})).toEqual({ closed: 1 })
  expect((await twin.closed).code).toBe(1012)
  expect(await closedOfCarol({})).toEqual({ closed: 0 })
  await other.settled()
})

test('disconnects for good: 4403, after an error that says so', async () => {
  await using phone = await connected('erin', 'phone')
  const answer = await disconnect('erin', { device: 'phone', reconnect: false })
  expect(await answer.json()).toEqual({ closed: 1 })
  expect(await phone.closed).toEqual({ code: 4403, reason: 'disconnected' })
  expect(phone.messages.at(-1)).toMatchObject({
    type: 'error',
    payload: { code: 'disconnected', retryable: false },
  })
})

test('one connection more than allowed closes another 4409: of the same device first, and the one silent longest', async () => {
  await using tablet = await connected('frank', 'tablet')
  await using phone = await connected('frank', 'phone')
  await using laptop = await connected('frank', 'laptop')
  await using second = await connected('frank', 'phone')
  // The oldest of the phone's speaks up, so that the other is the silent one.
  await phone.settled()
  await using third = await connected('frank', 'phone')
  expect(await second.closed).toEqual({ code: 4409, reason: 'too_many_connections' })
  expect(second.errors).toEqual(['too_many_connections'])
  for (const client of [phone, tablet, third]) await client.settled()
  await using watch = await connected('frank', 'watch')
  expect((await laptop.closed).code).toBe(4409)
  for (const client of [tablet, phone, third, watch]) await client.settled()
  expect((await connections('frank')).items).toHaveLength(4)
})

test('an erased user is gone: sockets close 4403, and another life begins at another epoch', async () => {
  await service.api.sendMany('grace', 3)
  const shared = await service.api.send(['grace', 'heidi'], 'shared')
  await using phone = await connected('grace', 'phone')
  await using laptop = await connected('grace', 'laptop')
  await using friend = await connected('heidi', 'phone')
  const { epoch } = (await phone.first('welcome')).payload

  expect((await erase('grace')).status).toBe(204)

  for (const client of [phone, laptop]) {
    expect(await client.closed).toEqual({ code: 4403, reason: 'user_erased' })
    expect(client.messages.at(-1)).toMatchObject({
      type: 'error',
      payload: { code: 'user_erased', retryable: false },
    })
  }
  const own = await tokenFor('grace')
  const counts = await (await service.api.request('/v1/inbox/counts', { token: own })).json()
  expect(InboxCounts.parse(counts)).toMatchObject({ latest: 0, unread: 0 })
  const devices = await (await service.api.request('/v1/devices', { token: own })).json()
  expect(DeviceList.parse(devices).items).toEqual([])
  const changes = `/v1/inbox/changes?after=2&epoch=${epoch}`
  expect(await shortOf(await service.api.request(changes, { token: own }))).toBe(
    '409 epoch_mismatch',
  )
  await friend.settled()
  const kept = await service.api.request(`/v1/inbox/${shared.id}`, {
    token: await tokenFor('heidi'),
  })
  expect(kept.status).toBe(200)

  await using back = await service.api.connect('grace', {
    device: 'phone',
    query: { cursor: '2', epoch },
  })
  expect((await back.first('welcome')).payload).toMatchObject({ cursor: 0, latest: 0 })
  expect((await back.first('welcome')).payload.epoch).not.toBe(epoch)
  expect((await back.first('gap')).payload).toEqual({ from: 0, to: 0, reason: 'epoch' })
  await service.api.send('grace', 'anew')
  expect((await back.received(1))[0]?.payload.seq).toBe(1)
})

test('to erase one of whom nobody has heard is answered likewise', async () => {
  expect((await erase('nobody')).status).toBe(204)
  expect((await erase('nobody')).status).toBe(204)
})

test('what is not allowed or not right is refused', async () => {
  const user = await tokenFor('ivan')
  const reader = await serviceToken('posthorn:send posthorn:read posthorn:topics')
  const scope = '403 insufficient_scope'
  for (const given of [user, reader]) {
    const ask = (rest: string, method: string) =>
      service.api.request(pathOf('ivan', rest), {
        method,
        token: given,
        ...(method === 'POST' && { body: {} }),
      })
    expect(await shortOf(await ask('/connections', 'GET'))).toBe(scope)
    expect(await shortOf(await ask('/disconnect', 'POST'))).toBe(scope)
    expect(await shortOf(await ask('', 'DELETE'))).toBe(scope)
  }
  expect(await shortOf(await getOfIvan('/connections?limit=101'))).toMatch(/^400 invalid_query/)
  expect(await shortOf(await getOfIvan('/connections?page=x'))).toBe('400 invalid_page')
  expect(await shortOf(await getOfIvan('/connections?x=1'))).toMatch(/^400 invalid_query/)
  expect(await shortOf(await disconnect('ivan', { user: 'x' }))).toBe(
    '422 invalid_request /user:unknown_field',
  )
  expect(await shortOf(await disconnect('ivan', { reconnect: 'no' }))).toMatch(/^422 .*\/reconnect/)
  expect(await shortOf(await disconnect('ivan', { device: 'a b' }))).toMatch(/^422 .*\/device/)
  expect(await shortOf(await disconnect('ivan', undefined))).toBe('400 malformed_body')
  expect(await shortOf(await erase('a\u0000b'))).toBe('404 not_found')
})
