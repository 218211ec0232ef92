import { randomUUID } from 'node:crypto'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import * as z from 'zod/mini'
import { BatchResult } from '../../src/protocol/batch.js'
import type { LogLevel } from '../../src/telemetry/log.js'
import { startService, tokenFor, type TestService } from '../harness.js'
import { AsService } from './as-service.js'

const SCOPES = 'posthorn:send posthorn:broadcast posthorn:users posthorn:topics posthorn:read'

const Line = z.looseObject({ msg: z.string(), level: z.number() })

interface Audited extends TestService {
  /** All that it has logged, as text. */
  text: () => string
  /** The audit lines, without what is the same in all of them. */
  lines: () => unknown[]
}

/** A service of which the test reads the log. */
async function auditedService(level: LogLevel = 'error'): Promise<Audited> {
  const texts: string[] = []
  const log = pino({ level, base: null, timestamp: false }, { write: (text) => texts.push(text) })
  const service = await startService({ log })
  const lines = (): unknown[] =>
    texts
      .map((text) => Line.parse(JSON.parse(text)))
      .filter(({ msg }) => msg === 'audit')
      .map(({ msg: _msg, level: _level, request: _request, ...said }) => said)
  return { ...service, text: () => texts.join(''), lines }
}

/** A service that may do everything, and what its lines say of it. */
const shopOf = async ({ api }: TestService): Promise<AsService> =>
  AsService.of(api, await tokenFor('shop', { scope: SCOPES }))
const SHOP = { service: { iss: '', sub: 'shop' } }

test('writes a line for each call by which a service acts on others', async () => {
  await using service = await auditedService()
  const shop = await shopOf(service)
  const { id } = await shop.send({ to: { user: 'alice' }, title: 'secret words' })
  await shop.ask('POST', '/v1/users/alice/inbox/mark', { action: 'read', ids: [id] })
  await shop.ask('POST', '/v1/users/alice/disconnect', { device: 'phone', reconnect: false })
  await shop.ask('DELETE', '/v1/users/alice/devices/phone')
  await shop.ask('PUT', '/v1/topics/news/subscribers/alice')
  await shop.ask('DELETE', '/v1/topics/news/subscribers/alice')
  await shop.ask('POST', '/v1/topics/news/subscribers', { add: ['bob', 'carol'], remove: ['dave'] })
  await shop.ask('POST', '/v1/revocations', { jti: 'token-1', exp: '2126-01-01T00:00:00Z' })
  await shop.ask('POST', '/v1/revocations', { user: 'bob', issuedBefore: 0 })
  await shop.ask('DELETE', `/v1/notifications/${id}`)
  const everyone = await shop.send({ to: { everyone: true }, title: 'secret words' })
  await shop.ask('DELETE', '/v1/users/alice')

  const user = 'alice'
  expect(service.lines()).toEqual(
    [
      { action: 'inbox.mark', target: { user }, status: 200 },
      { action: 'user.disconnect', target: { user, device: 'phone' }, status: 200 },
      { action: 'device.remove', target: { user, device: 'phone' }, status: 404 },
      { action: 'topic.subscribe', target: { topic: 'news', user }, status: 204 },
      { action: 'topic.unsubscribe', target: { topic: 'news', user }, status: 204 },
      {
        action: 'topic.change',
        target: { topic: 'news', added: ['bob', 'carol'], removed: ['dave'] },
        status: 200,
      },
      { action: 'tokens.revoke', target: { token: 'token-1' }, status: 204 },
      {
        action: 'tokens.revoke',
        target: { user: 'bob', issuedBefore: '1970-01-01T00:00:00.000Z' },
        status: 204,
      },
      { action: 'notification.recall', target: { notification: id }, status: 200 },
      {
        action: 'notification.broadcast',
        target: { everyone: true, notification: everyone.id },
        status: 202,
      },
      { action: 'user.erase', target: { user }, status: 204 },
    ].map((line) => ({ ...line, ...SHOP })),
  )
  expect(service.text()).not.toContain('secret words')
})

test('tells broadcasts of a batch one by one, and nothing of what is for single users', async () => {
  await using service = await auditedService()
  const shop = await AsService.of(service.api, await tokenFor('shop', { scope: 'posthorn:send' }))
  const response = await shop.ask('POST', '/v1/notifications/batch', {
    items: [
      { to: { user: 'alice' }, type: 'test' },
      { to: { everyone: true }, type: 'test' },
    ],
  })
  expect(BatchResult.parse(await response.json())).toMatchObject({ succeeded: 1, failed: 1 })
  expect(service.lines()).toEqual([
    { action: 'notification.broadcast', target: { everyone: true }, status: 403, ...SHOP },
  ])
})

test('tells of what was refused as well, and who asked for it; what users do with their own is none', async () => {
  await using service = await auditedService()
  const { api } = service
  const mallory = await AsService.of(api, await tokenFor('mallory'))
  await mallory.ask('DELETE', '/v1/users/alice')
  await mallory.ask('DELETE', '/v1/devices/phone')
  await mallory.ask('POST', '/v1/inbox/mark', { action: 'read', ids: [randomUUID()] })
  const stranger = await AsService.of(api, 'no-token-at-all')
  await stranger.ask('DELETE', '/v1/users/alice')
  expect(service.lines()).toEqual([
    {
      action: 'user.erase',
      user: { iss: '', sub: 'mallory' },
      target: { user: 'alice' },
      status: 403,
    },
  ])
})

test.each<[LogLevel, number]>([
  ['trace', 1],
  ['info', 1],
  ['error', 1],
  ['silent', 0],
])('at the level %s writes %d', async (level, count) => {
  await using service = await auditedService(level)
  await (await shopOf(service)).ask('DELETE', '/v1/users/alice')
  expect(service.lines()).toHaveLength(count)
})

test('holds no token, and nobody forges a line', async () => {
  await using service = await auditedService()
  const token = await tokenFor('sh\r\nop', { scope: SCOPES })
  const shop = await AsService.of(service.api, token)
  const forged = '{"msg":"audit","action":"user.erase"}'
  await shop.ask('DELETE', `/v1/users/${encodeURIComponent(`x\r\n${forged}`)}`)
  await shop.ask('PUT', `/v1/topics/news/subscribers/${encodeURIComponent(`x\u2028\n${forged}`)}`)
  await shop.ask('POST', '/v1/revocations', { jti: `x\n${forged}`, exp: '2126-01-01T00:00:00Z' })
  await shop.ask('DELETE', `/v1/users/${token}`)
  await shop.ask('POST', '/v1/revocations', { jti: token, exp: '2126-01-01T00:00:00Z' })
  expect(service.text().split('\n')).toHaveLength(5 + 1)
  expect(service.lines()).toHaveLength(5)
  expect(service.text()).not.toContain(token.slice(0, 20))
})

test('keeps its lines short: names are cut, and many users are told over several lines', async () => {
  await using service = await auditedService()
  const shop = await shopOf(service)
  await shop.ask('DELETE', `/v1/users/${'x'.repeat(5_000)}`)
  const users = Array.from({ length: 60 }, (_, number) => `user-${number}`)
  await shop.ask('POST', '/v1/topics/news/subscribers', { add: users })
  const [erased, ...changed] = service.lines()
  expect(erased).toMatchObject({ target: { user: 'x'.repeat(255) }, status: 404 })
  const Change = z.object({ target: z.object({ added: z.array(z.string()) }) })
  const added = changed.map((line) => Change.parse(line).target.added)
  expect(added.map(({ length }) => length)).toEqual([25, 25, 10])
  expect(added.flat()).toEqual(users)
})

test('names the request, so that the line is found by what the caller was answered', async () => {
  await using service = await auditedService()
  const token = await tokenFor('shop', { scope: SCOPES })
  const response = await service.api.request('/v1/users/alice', { method: 'DELETE', token })
  expect(service.text()).toContain(`"request":"${response.headers.get('x-request-id')}"`)
})
