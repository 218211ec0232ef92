// What is another's answers as what is not there: OWASP API1:2023 (broken object level authorization), RFC 9110 §15.5.4.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod/mini'
import { SendReceipt } from '../../src/protocol/send.js'
import { serviceToken, startService, tokenFor, type TestService } from '../harness.js'

let service: TestService
/** Of alice: what mallory is to learn nothing of. */
let theirs: { id: string; connection: string; page: string; tag: string }
const absent = { id: '01890a5d-ac96-774b-bcce-b302099a8057', connection: 'A'.repeat(16) }

beforeAll(async () => {
  service = await startService()
  const client = await service.api.connect('alice')
  const { connection } = (await client.first('welcome')).payload
  const [receipt] = await service.api.sendMany('alice', 3)
  const list = await service.api.request('/v1/inbox?limit=1', { token: await tokenFor('alice') })
  const { nextPage } = z.object({ nextPage: z.string() }).parse(await list.json())
  theirs = {
    id: receipt?.id ?? '',
    connection,
    page: nextPage,
    tag: list.headers.get('etag') ?? '',
  }
  await client.close()
  await client.closed
  const known = await service.api.connect('mallory', { device: 'own' })
  await known.first('caught_up')
  await known.close()
  await known.closed
})
afterAll(async () => {
  await service[Symbol.asyncDispose]()
})

interface Asked {
  path: string
  method?: string
  token: string
  body?: unknown
}

/** An answer without what differs between any two: its id and its time, and the name that was asked for. */
async function answerTo({ path, token, method = 'GET', body }: Asked, names: string[]) {
  const answer = await service.api.request(path, {
    method,
    token,
    ...(body !== undefined && { body }),
    headers: { 'x-request-id': 'same' },
  })
  const headers = [...answer.headers].filter(([name]) => name !== 'date')
  let text = await answer.text()
  for (const name of names) text = text.replaceAll(name, '<name>')
  return { status: answer.status, headers, text }
}

/** What is asked of something by its name, and by whom. */
const ROWS: [string, (of: typeof absent, device: string, token: string) => Asked, string][] = [
  ['a notification in an inbox', ({ id }, _, token) => ({ path: `/v1/inbox/${id}`, token }), ''],
  [
    'a mark',
    ({ id }, _, token) => ({
      path: '/v1/inbox/mark',
      method: 'POST',
      token,
      body: { action: 'read', ids: [id] },
    }),
    '',
  ],
  [
    'a device to remove',
    (_of, device, token) => ({ path: `/v1/devices/${device}`, method: 'DELETE', token }),
    '',
  ],
  [
    'a device to acknowledge for',
    (_of, device, token) => ({
      path: '/v1/inbox/ack',
      method: 'POST',
      token,
      body: { device, seq: 0, epoch: 'e' },
    }),
    '',
  ],
  [
    'a notification of another service to recall',
    ({ id }, _, token) => ({ path: `/v1/notifications/${id}`, method: 'DELETE', token }),
    'posthorn:send',
  ],
  [
    'a connection of another user to end',
    ({ connection }, _, token) => ({
      path: '/v1/users/mallory/disconnect',
      method: 'POST',
      token,
      body: { connection },
    }),
    'posthorn:users',
  ],
  [
    'a device of another user to end',
    (_of, device, token) => ({
      path: '/v1/users/mallory/disconnect',
      method: 'POST',
      token,
      body: { device },
    }),
    'posthorn:users',
  ],
]

test.each(ROWS)(
  '%s: that of another answers as one that is not there',
  async (_what, ask, scope) => {
    const token = await tokenFor('mallory', scope === '' ? {} : { scope })
    const names = [theirs.id, theirs.connection, absent.id, absent.connection, 'phone', 'none']
    const foreign = await answerTo(ask(theirs, 'phone', token), names)
    const missing = await answerTo(ask(absent, 'none', token), names)
    expect(foreign).toEqual(missing)
  },
)

test('nothing of alice has changed by all that', async () => {
  const token = await tokenFor('alice')
  const list = await service.api.request('/v1/inbox', { token })
  expect(await list.json()).toMatchObject({ unread: 3, unseen: 3, latest: 3 })
  const devices = await service.api.request('/v1/devices', { token })
  expect(await devices.json()).toMatchObject({ items: [{ device: 'phone' }] })
})

describe('a name that somebody else was given', () => {
  test('a page of another list shows the own one alone', async () => {
    const token = await tokenFor('mallory')
    const path = `/v1/inbox?page=${encodeURIComponent(theirs.page)}`
    const answer = await service.api.request(path, { token })
    expect(await answer.json()).toMatchObject({ items: [], unread: 0 })
  })

  test('a page that was tampered with is refused, or shows the own list alone', async () => {
    const token = await tokenFor('mallory')
    const pages = [
      '{"before":3,"user":"alice"}',
      '{"before":"3 OR 1=1"}',
      '{"before":-1}',
      '{"before":1e300}',
      '{"__proto__":{"before":3}}',
      '{"before":{"$gt":0}}',
      '[3]',
      'null',
      '{}',
      `${'['.repeat(5_000)}${']'.repeat(5_000)}`,
    ].map((text) => Buffer.from(text).toString('base64url'))
    for (const page of [...pages, `${theirs.page}x`, '%00', '../']) {
      const path = `/v1/inbox?page=${encodeURIComponent(page)}`
      const answer = await service.api.request(path, { token })
      const text = await answer.text()
      expect([page, [200, 400].includes(answer.status)]).toEqual([page, true])
      expect(text).not.toContain(theirs.id)
    }
  })

  test('a tag of another list is not answered 304', async () => {
    const token = await tokenFor('mallory')
    const headers = { 'if-none-match': theirs.tag }
    const answer = await service.api.request('/v1/inbox?limit=1', { token, headers })
    expect([answer.status, (await answer.text()).includes(theirs.id)]).toEqual([200, false])
  })

  test('an idempotency key of another service gives nothing of its answer', async () => {
    const key = { 'idempotency-key': 'the same' }
    const first = await service.api.post(
      { to: { user: 'carol' }, type: 'test', title: 'private' },
      { token: await serviceToken('posthorn:send'), headers: key },
    )
    const { id } = SendReceipt.parse(await first.json())
    // Names that would be one, were issuer and subject written one after the other.
    const others: [string, string][] = [
      ['shop', 'shop'],
      ['', 'shop '],
      ['sho', 'p'],
    ]
    for (const [iss, sub] of others) {
      const answer = await service.api.post(
        { to: { user: 'carol' }, type: 'test', title: 'other' },
        { token: await tokenFor(sub, { iss, scope: 'posthorn:send' }), headers: key },
      )
      expect([answer.status, answer.headers.get('idempotency-replayed')]).toEqual([201, null])
      expect(await answer.text()).not.toContain(id)
    }
  })
})

describe('a socket', () => {
  test('acknowledges and marks nothing of another, and names nobody', async () => {
    await using client = await service.api.connect('mallory', { device: 'own' })
    await client.first('caught_up')
    client.send({ type: 'mark', id: 'theirs', payload: { action: 'read', ids: [theirs.id] } })
    client.send({ type: 'mark', id: 'nobody', payload: { action: 'read', ids: [absent.id] } })
    client.send({ type: 'ack', id: 'ahead', payload: { seq: 3 } })
    const answered = (id: string) => client.find((message) => 'id' in message && message.id === id)
    const [foreign, missing] = [await answered('theirs'), await answered('nobody')]
    await answered('ahead')
    expect(foreign.type).toBe('reply')
    expect({ ...foreign, id: '' }).toEqual({ ...missing, id: '' })
    expect(client.errors).toEqual(['ack_ahead'])
    expect(client.frames.join()).not.toContain('alice')
  })
})
