// What means something to a program behind the door: SQL, prototypes, terminals, pages. CWE-89, CWE-915, CWE-1321; OWASP ASVS 5 V1 and V2.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod/mini'
import { shortOf } from '../http/problem-of.js'
import { serviceToken, startService, tokenFor, type TestService } from '../harness.js'

let service: TestService
let token: string

beforeAll(async () => {
  service = await startService()
  token = await serviceToken(
    'posthorn:send posthorn:broadcast posthorn:read posthorn:topics posthorn:users',
  )
})
afterAll(async () => {
  await service[Symbol.asyncDispose]()
})

/** Texts that are nothing but text, to whoever keeps code and data apart. */
const TEXTS = [
  `'; DROP TABLE inbox; --`,
  `" OR "1"="1`,
  `alice' UNION SELECT content FROM notifications --`,
  `%' OR user LIKE '%`,
  '_%_',
  '*',
  '?1',
  ':user',
  '$json',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '{{7*7}}${7*7}<%= 7 %>',
  '%s%n%x',
  '../../etc/passwd',
  'a\\u0000b',
  '\u2028\u2029',
  '\u202etxt.exe',
  '\ufeff',
  'A\u030a',
  '\u00c5',
  '=cmd|/c calc!A1',
  '-1',
  'null',
  'true',
]

const Stored = z.looseObject({
  title: z.nullable(z.string()),
  body: z.nullable(z.string()),
  collapseKey: z.nullable(z.string()),
  data: z.unknown(),
})
const Inbox = z.object({ items: z.array(Stored), unread: z.int() })

const inboxOf = async (user: string): Promise<z.infer<typeof Inbox>> => {
  const answer = await service.api.request('/v1/inbox', { token: await tokenFor(user) })
  return Inbox.parse(await answer.json())
}

test.each(TEXTS)('%j is text wherever text may be, and nothing else', async (text) => {
  const data: unknown = JSON.parse(`{${JSON.stringify(text)}: ${JSON.stringify(text)}}`)
  const sent = { type: 'test', title: text, body: text, collapseKey: text, data }
  const user = `user ${text}`
  for (const to of [{ user }, { users: [user] }, { user }]) {
    const answer = await service.api.post({ to, ...sent }, { token })
    expect([answer.status, (await answer.text()).includes('error')]).toEqual([201, false])
  }
  // One key, so one entry: the newest.
  const { items, unread } = await inboxOf(user)
  expect([items.length, unread]).toEqual([1, 1])
  expect(items[0]).toMatchObject({ title: text, body: text, collapseKey: text })
  expect(JSON.stringify(items[0]?.data)).toBe(JSON.stringify(data))
  expect((await inboxOf('alice')).items).toEqual([])

  await using client = await service.api.connect(user)
  expect((await client.first('welcome')).payload.user).toBe(user)
  const { notification } = (await client.first('notification')).payload
  expect(notification).toMatchObject({ title: text, body: text, collapseKey: text })

  const path = `/v1/users/${encodeURIComponent(user)}`
  const asked = await service.api.request(`${path}/inbox`, { token })
  expect(Inbox.parse(await asked.json()).items).toHaveLength(1)
  const erased = await service.api.request(path, { method: 'DELETE', token })
  expect(erased.status).toBe(204)
  expect((await inboxOf(user)).items).toEqual([])
})

test.each(TEXTS.filter((text) => !/^[\w.:/-]+$/.test(text)))(
  '%j is no name where names are of few characters',
  async (text) => {
    const named = encodeURIComponent(text)
    const answers = [
      await service.api.post({ to: { topic: text }, type: 'test' }, { token }),
      await service.api.post({ to: { user: 'u' }, type: text }, { token }),
      await service.api.post({ to: { connection: text }, type: 'test', ttl: 0 }, { token }),
      await service.api.post({ to: { user: 'u', device: text }, type: 'test', ttl: 0 }, { token }),
      await service.api.request(`/v1/topics/${named}/subscribers`, { token }),
      await service.api.request(`/v1/notifications/${named}`, { token }),
      await service.api.request(`/v1/inbox/${named}`, { token: await tokenFor('alice') }),
      await service.api.request(`/v1/inbox?type=${named}`, { token: await tokenFor('alice') }),
      await service.api.request(`/v1/inbox?filter=${named}`, { token: await tokenFor('alice') }),
      await service.api.request(`/v1/inbox?${named}=1`, { token: await tokenFor('alice') }),
      await service.api.request(`/v1/inbox?page=${named}`, { token: await tokenFor('alice') }),
    ]
    const statuses = await Promise.all(answers.map(async (answer) => (await shortOf(answer))[0]))
    expect(statuses.join('')).toMatch(/^4+$/)
  },
)

/** A send whose body is a text as it is. */
const post = async (text: string): Promise<Response> =>
  fetch(`${service.url}/v1/notifications`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: text,
  })

describe('JSON that readers take differently', () => {
  test('of two fields with one name the last one counts, for the check and the deed alike', async () => {
    const answer = await post('{"to":{"everyone":true},"to":{"user":"last"},"type":"a","type":"b"}')
    expect(await answer.json()).toMatchObject({ status: 'stored', recipients: { total: 1 } })
    expect((await inboxOf('last')).items).toMatchObject([{ type: 'b' }])
    const narrow = await fetch(`${service.url}/v1/notifications`, {
      method: 'POST',
      headers: { authorization: `Bearer ${await serviceToken('posthorn:send')}` },
      body: '{"to":{"user":"last"},"to":{"everyone":true},"type":"a"}',
    })
    expect(await shortOf(narrow)).toBe('403 insufficient_scope')
  })

  test.each(['1e400', '-1e400', '1e-400', '9007199254740993', `1${'0'.repeat(400)}`, '-0'])(
    'the number %s is one that JSON can tell again, or is refused',
    async (number) => {
      const answer = await post(`{"to":{"user":"numbers"},"type":"test","ttl":${number}}`)
      expect([201, 202, 422]).toContain(answer.status)
      const stored = await post(
        `{"to":{"user":"numbers"},"type":"test","collapseKey":"k","data":${number}}`,
      )
      expect([201, 422]).toContain(stored.status)
      const [item] = (await inboxOf('numbers')).items
      expect(Number.isFinite(item?.data ?? 0)).toBe(true)
    },
  )

  test.each(['\\ud800', '\\udc00', 'a\\ud800\\ud800', '\\udfff\\ud83d'])(
    'half a character is refused where two names would become one: %s',
    async (half) => {
      const bodies = [
        `{"to":{"user":"x${half}"},"type":"test"}`,
        `{"to":{"users":["x${half}"]},"type":"test"}`,
        `{"to":{"user":"x"},"type":"test","collapseKey":"${half}"}`,
      ]
      const answers = await Promise.all(bodies.map(post))
      const read = await Promise.all(
        answers.map(async (answer) => (await shortOf(answer)).slice(0, 19)),
      )
      expect(read).toEqual(bodies.map(() => '422 invalid_request'))

      // In a text for people it names nothing, and comes back as it was, escaped (RFC 8259 §8.2).
      const text = `"${half}"`
      const kept = await post(
        `{"to":{"user":"half"},"type":"test","collapseKey":"k","title":${text},"body":${text},"data":{${text}:${text}}}`,
      )
      expect(kept.status).toBe(201)
      const { items } = await inboxOf('half')
      const whole = z.string().parse(JSON.parse(text))
      expect(items).toMatchObject([{ title: whole, body: whole, data: { [whole]: whole } }])
      await using client = await service.api.connect('half')
      expect((await client.first('notification')).payload.notification.title).toBe(whole)
    },
  )

  test('NUL is kept where text is anything, and refused in names', async () => {
    const kept = await post(
      '{"to":{"user":"nul"},"type":"test","title":"a\\u0000b","collapseKey":"k\\u0000","data":{"\\u0000":"\\u0000"}}',
    )
    expect(kept.status).toBe(201)
    await post('{"to":{"user":"nul"},"type":"test","collapseKey":"k"}').then((a) => a.text())
    const { items } = await inboxOf('nul')
    expect(items.map(({ title, collapseKey }) => [title, collapseKey])).toEqual([
      [null, 'k'],
      ['a\u0000b', 'k\u0000'],
    ])
    expect(items[1]?.data).toEqual({ '\u0000': '\u0000' })
    for (const name of ['nul\\u0000', '\\u0000', 'a\\r\\nb', '\\u001b[2J', '\\u0085']) {
      expect(await shortOf(await post(`{"to":{"user":"${name}"},"type":"test"}`))).toMatch(/^422/)
    }
  })
})

test.each([
  'javascript:alert(1)',
  'JaVaScRiPt:alert(1)',
  '\u0001javascript:alert(1)',
  '\u00a0javascript:alert(1)',
  'java\tscript:alert(1)',
  'vbscript:x',
  'data:text/html,<script>alert(1)</script>',
  'blob:https://a/b',
  'file:///etc/passwd',
  'view-source:https://a',
  'intent://a#Intent;end',
  '//evil.example',
  '///evil.example',
  '/\\evil.example',
  '/\t/evil.example',
  '/\n/evil.example',
  '\\\\evil.example',
  'https:evil.example',
  'https:/evil.example',
  'https:\\\\evil.example',
  'http://',
  'evil.example',
])('a link that runs, or leads to where it does not say, is refused: %j', async (link) => {
  for (const field of ['url', 'icon']) {
    const body = { to: { user: 'alice' }, type: 'test', [field]: link }
    const answer = await service.api.post(body, { token })
    expect(await shortOf(answer)).toBe(`422 invalid_request /${field}:invalid_value`)
  }
})

test('what only the service may say of a notification is no field of a send (API3:2023)', async () => {
  const fields = ['id', 'seq', 'arrivedSeq', 'sender', 'createdAt', 'expiresAt', 'readAt', 'status']
  for (const field of [...fields, 'recipients', 'issuer', 'isAdmin', 'scope', '__proto__']) {
    const text = `{"to":{"user":"alice"},"type":"test",${JSON.stringify(field)}:{"scope":"x"}}`
    const answer = await fetch(`${service.url}/v1/notifications`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: text,
    })
    expect([field, await shortOf(answer)]).toEqual([
      field,
      `422 invalid_request /${field}:unknown_field`,
    ])
  }
})

test('a user can speak for no other by the body of a request (API1:2023)', async () => {
  const { id } = await service.api.send('victim', 'theirs')
  const asMallory = await tokenFor('mallory')
  const bodies: [string, unknown][] = [
    ['/v1/inbox/mark', { action: 'read', ids: [id], user: 'victim' }],
    ['/v1/inbox/ack', { device: 'phone', seq: 1, epoch: 'e', user: 'victim' }],
  ]
  for (const [path, body] of bodies) {
    const answer = await service.api.request(path, { method: 'POST', token: asMallory, body })
    expect(await shortOf(answer)).toMatch(/^422 invalid_request .*\/user:unknown_field/)
  }
  for (const query of ['user=victim', 'sub=victim', 'user[]=victim']) {
    const answer = await service.api.request(`/v1/inbox?${query}`, { token: asMallory })
    expect(answer.status).toBe(400)
  }
  await using client = await service.api.connect('mallory', { query: { user: 'victim' } })
  expect((await client.first('welcome')).payload.user).toBe('mallory')
  client.send({ type: 'mark', id: 'm', payload: { action: 'read', ids: [id], user: 'victim' } })
  expect(await client.first('reply')).toMatchObject({ payload: { updated: 0 } })
  expect((await inboxOf('victim')).items).toMatchObject([{ id, readAt: null }])
})
