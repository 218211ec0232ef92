import { afterAll, beforeAll, expect, test } from 'vitest'
import { DeviceList } from '../../src/protocol/devices.js'
import { serviceToken, startService, tokenFor, type TestService } from '../harness.js'
import { shortOf } from './problem-of.js'

let service: TestService
let token: string

beforeAll(async () => {
  service = await startService({ environment: { MAX_DEVICES_PER_USER: '3' } })
  token = await serviceToken('posthorn:users')
})
afterAll(async () => {
  await service[Symbol.asyncDispose]()
})

async function asked(path: string, given = token): Promise<DeviceList> {
  return DeviceList.parse(await (await service.api.request(path, { token: given })).json())
}

const pathOf = (user: string, rest = ''): string =>
  `/v1/users/${encodeURIComponent(user)}/devices${rest}`

const remove = (path: string, given = token): Promise<Response> =>
  service.api.request(path, { method: 'DELETE', token: given })

async function namesOf(user: string): Promise<string[]> {
  return (await asked(pathOf(user))).items.map(({ device }) => device)
}

/** Opens devices one after the other; gives what was opened last. */
async function opened(user: string, devices: readonly string[]): Promise<void> {
  for (const device of devices) {
    const client = await service.api.connect(user, { device })
    await client.first('caught_up')
    await client.close()
  }
}

/** Resolves when no device of a user is online any more: the end of a connection comes some time after its client's. */
async function allOffline(user: string): Promise<DeviceList> {
  for (;;) {
    const list = await asked(pathOf(user))
    if (list.items.every(({ online }) => !online)) return list
  }
}

test('lists the devices of a user, for the user and for services alike', async () => {
  await service.api.sendMany('alice', 3)
  await using phone = await service.api.connect('alice', { device: 'phone' })
  await phone.received(3)
  await phone.acknowledgeAndWait(2)
  await opened('alice', ['laptop'])
  await using other = await service.api.connect('alice', { device: 'laptop' })
  await other.first('caught_up')
  await other.close()
  const own = await asked('/v1/devices', await tokenFor('alice'))
  expect(own.items).toMatchObject([
    { device: 'phone', cursor: 2, latest: 3, online: true },
    { device: 'laptop', cursor: 0, latest: 3 },
  ])
  expect(own.nextPage).toBeNull()
  for (const { createdAt, lastSeenAt } of own.items) expect(lastSeenAt >= createdAt).toBe(true)
  const first = await asked(pathOf('alice', '?limit=1'))
  expect(first.items.map(({ device }) => device)).toEqual(['phone'])
  const second = await asked(pathOf('alice', `?limit=1&page=${first.nextPage}`))
  expect(second.items.map(({ device }) => device)).toEqual(['laptop'])
  expect(second.nextPage).toBeNull()
})

test('a device was last seen when its connection ended', async () => {
  let now = Date.now()
  await using clocked = await startService({ clock: () => now })
  const began = now
  const phone = await clocked.api.connect('alice')
  await phone.first('caught_up')
  now += 60_000
  phone.acknowledge(0, 'an ack')
  await phone.find((message) => message.type === 'reply')
  const at = async (): Promise<number[]> => {
    const response = await clocked.api.request(pathOf('alice'), { token })
    const [device] = DeviceList.parse(await response.json()).items
    return [device?.createdAt, device?.lastSeenAt].map((time = '') => Date.parse(time) - began)
  }
  expect(await at()).toEqual([0, 60_000])
  now += 60_000
  await phone.close()
  // The end comes to the service some time after the client has said goodbye.
  while ((await at())[1] !== 120_000);
})

test('a user of whom nobody has heard has no devices', async () => {
  expect(await asked(pathOf('nobody'))).toEqual({ items: [], nextPage: null })
  expect(await shortOf(await remove(pathOf('nobody', '/phone')))).toBe('404 not_found')
})

test('a removed device is gone, and new when it connects again', async () => {
  await service.api.sendMany('bob', 2)
  await using phone = await service.api.connect('bob')
  await phone.received(2)
  await phone.acknowledgeAndWait(2)
  const own = await tokenFor('bob')
  expect((await remove('/v1/devices/phone', own)).status).toBe(204)
  expect(await phone.closed).toEqual({ code: 4410, reason: 'device_removed' })
  expect(phone.errors).toEqual(['device_removed'])
  expect((await asked('/v1/devices', own)).items).toEqual([])
  expect(await shortOf(await remove('/v1/devices/phone', own))).toBe('404 not_found')
  await using again = await service.api.connect('bob')
  expect((await again.first('welcome')).payload.cursor).toBe(0)
  expect((await again.received(2)).map(({ payload }) => payload.seq)).toEqual([1, 2])
})

test('a service removes a device of a user, and no other', async () => {
  await opened('carol', ['phone', 'laptop'])
  expect((await remove(pathOf('carol', '/phone'))).status).toBe(204)
  const { items } = await asked(pathOf('carol'))
  expect(items.map(({ device }) => device)).toEqual(['laptop'])
})

test('a token that serves one device lists and removes that one alone', async () => {
  await opened('dave', ['phone', 'laptop'])
  const own = await tokenFor('dave', { device: 'laptop' })
  expect((await asked('/v1/devices', own)).items.map(({ device }) => device)).toEqual(['laptop'])
  expect(await shortOf(await remove('/v1/devices/phone', own))).toBe('403 device_not_allowed')
  expect((await remove('/v1/devices/laptop', own)).status).toBe(204)
  expect((await allOffline('dave')).items.map(({ device }) => device)).toEqual(['phone'])
})

test('one device more than allowed makes the one go that was seen least recently, and is not connected', async () => {
  await using first = await service.api.connect('erin', { device: 'first' })
  await first.first('caught_up')
  await opened('erin', ['second'])
  await using third = await service.api.connect('erin', { device: 'third' })
  await third.first('caught_up')
  for (;;) {
    const { items } = await asked(pathOf('erin'))
    if (items.every(({ device, online }) => online === (device !== 'second'))) break
  }
  await using fourth = await service.api.connect('erin', { device: 'fourth' })
  await fourth.first('caught_up')
  expect(await namesOf('erin')).toEqual(['first', 'third', 'fourth'])
  expect(first.errors).toEqual([])
  // Now all are connected.
  await using fifth = await service.api.connect('erin', { device: 'fifth' })
  await fifth.first('caught_up')
  expect(await first.closed).toEqual({ code: 4410, reason: 'device_removed' })
  expect(first.errors).toEqual(['device_removed'])
  expect(await namesOf('erin')).toEqual(['third', 'fourth', 'fifth'])
})

test('what is not allowed or not right is refused', async () => {
  const user = await tokenFor('frank')
  const reader = await serviceToken('posthorn:send posthorn:read')
  const scope = '403 insufficient_scope'
  expect(await shortOf(await service.api.request('/v1/devices', { token }))).toBe(scope)
  expect(await shortOf(await remove('/v1/devices/phone'))).toBe(scope)
  for (const given of [user, reader]) {
    expect(await shortOf(await service.api.request(pathOf('frank'), { token: given }))).toBe(scope)
    expect(await shortOf(await remove(pathOf('frank', '/phone'), given))).toBe(scope)
  }
  const get = (path: string) => service.api.request(path, { token })
  expect(await shortOf(await get(pathOf('frank', '?limit=0')))).toMatch(/^400 invalid_query/)
  expect(await shortOf(await get(pathOf('frank', '?x=1')))).toMatch(/^400 invalid_query/)
  expect(await shortOf(await get(pathOf('frank', '?page=x')))).toBe('400 invalid_page')
  for (const device of ['a%20b', '%ff', 'x'.repeat(129), 'none']) {
    expect(await shortOf(await remove(pathOf('frank', `/${device}`)))).toBe('404 not_found')
    expect(await shortOf(await remove(`/v1/devices/${device}`, user))).toBe('404 not_found')
  }
})
