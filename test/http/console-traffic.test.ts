import { afterAll, beforeAll, expect, test } from 'vitest'
import { ConsoleTraffic } from '../../src/protocol/console.js'
import { SCOPES } from '../../src/auth/principal.js'
import { serviceToken, startService, tokenFor, type TestService } from '../harness.js'
import { shortOf } from './problem-of.js'

let service: TestService

beforeAll(async () => {
  service = await startService({
    environment: { CONSOLE: 'true' },
  })
})
afterAll(async () => {
  await service[Symbol.asyncDispose]()
})

async function traffic(): Promise<ConsoleTraffic> {
  const token = await serviceToken('posthorn:users')
  const answer = await service.api.request('/console/traffic', { token })
  expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-store'])
  return ConsoleTraffic.parse(await answer.json())
}

test('is for services that may see connections, and for nobody else', async () => {
  const ask = (token?: string): Promise<Response> =>
    service.api.request('/console/traffic', { token })
  expect(await shortOf(await ask())).toBe('401 missing_token')
  expect(await shortOf(await ask('no.good.one'))).toBe('401 invalid_token')
  expect(await shortOf(await ask(await tokenFor('alice')))).toBe('403 insufficient_scope')
  const others = SCOPES.filter((scope) => scope !== 'posthorn:users').join(' ')
  expect(await shortOf(await ask(await serviceToken(others)))).toBe('403 insufficient_scope')
  const token = await serviceToken('posthorn:users')
  expect(await shortOf(await service.api.request('/console/traffic?x=1', { token }))).toMatch(
    /^400 invalid_query/,
  )
})

test('tells who is connected now, the latest first', async () => {
  expect(await traffic()).toMatchObject({ connections: [], total: 0 })
  await using phone = await service.api.connect('alice')
  const { connection } = (await phone.first('welcome')).payload
  await using laptop = await service.api.connect('bob', { device: 'laptop' })
  await laptop.first('welcome')
  const { connections, total, at } = await traffic()
  expect(total).toBe(2)
  expect(connections).toMatchObject([
    { user: 'bob', device: 'laptop' },
    { user: 'alice', device: 'phone', connection },
  ])
  for (const { connectedAt, heardAt } of connections) {
    expect(connectedAt <= heardAt && heardAt <= at).toBe(true)
  }
})

test('adds up what has gone through since the start', async () => {
  const before = (await traffic()).sums
  const since = async (): Promise<number[]> => {
    const { sums } = await traffic()
    const { accepted, sent, replayed, acknowledged } = sums
    return [
      accepted - before.accepted,
      sent - before.sent,
      replayed - before.replayed,
      acknowledged - before.acknowledged,
    ]
  }
  await service.api.sendMany('carol', 3)
  expect(await since()).toEqual([3, 0, 0, 0])
  {
    await using phone = await service.api.connect('carol')
    await phone.first('caught_up')
    expect(await since()).toEqual([3, 3, 3, 0])
    await service.api.send(['carol', 'dave'], 'live')
    await phone.until(() => phone.all('notification').length === 4, 'the fourth')
    expect(await since()).toEqual([4, 4, 3, 0])
    await phone.acknowledgeAndWait(2)
    expect(await since()).toEqual([4, 4, 3, 2])
  }
  await using phone = await service.api.connect('carol')
  await phone.first('caught_up')
  expect(await since()).toEqual([4, 6, 5, 2])

  const items = ['one', 'two', ''].map((type) => ({ to: { user: 'erin' }, type }))
  const token = await serviceToken()
  const batch = await service.api.request('/v1/notifications/batch', {
    method: 'POST',
    token,
    body: { items },
  })
  expect(await batch.json()).toMatchObject({ succeeded: 2, failed: 1 })
  expect(await since()).toEqual([6, 6, 5, 2])
})

test('lists the newest 200, and says how many there are', async () => {
  const many = await Promise.all(
    Array.from({ length: 205 }, (_, index) => service.api.connect(`user-${index}`)),
  )
  try {
    for (const client of many) await client.first('welcome')
    const { connections, total } = await traffic()
    expect([connections.length, total]).toEqual([200, 205])
  } finally {
    for (const client of many) await client[Symbol.asyncDispose]()
  }
})
