import { describe, expect, test } from 'vitest'
import { MAX_USERS_PER_SEND } from '../../src/protocol/send.js'
import { NOW, parseSend } from './parse-send.js'

const least = { to: { user: 'alice' }, type: 'test' }
const users = (count: number): string[] => Array.from({ length: count }, (_, index) => `u${index}`)

/** A value inside so many arrays. */
function nested(depth: number, inner = ''): unknown {
  return JSON.parse('['.repeat(depth) + inner + ']'.repeat(depth))
}

test('takes `to` and `type` alone', () => {
  expect(parseSend(least)).toEqual(least)
})

test('takes every field of the contract', () => {
  const whole = {
    ...least,
    title: 'Shipped',
    body: 'Arrives Tuesday',
    url: 'https://shop.example/o/8812',
    icon: '/icons/box.png',
    data: { order: 8812, lines: [1, null, 'two', false] },
    priority: 'urgent',
    ttl: 86_400,
    collapseKey: 'order-8812',
    deliverAt: '2026-11-23T10:00:00.000Z',
  }
  expect(parseSend(whole)).toEqual(whole)
})

test.each(['title', 'body', 'url', 'icon', 'data', 'priority', 'ttl', 'collapseKey', 'deliverAt'])(
  'takes null for `%s`, which is as if it were absent',
  (name) => {
    expect(parseSend({ ...least, [name]: null })).toMatchObject(least)
  },
)

test.each(['low', 'normal', 'high', 'urgent'])('takes the priority %s', (priority) => {
  expect(parseSend({ ...least, priority })).toMatchObject({ priority })
})

test.each([1, 2, MAX_USERS_PER_SEND])('takes %d users', (count) => {
  const to = { users: users(count) }
  expect(parseSend({ ...least, to })).toMatchObject({ to })
})

test('takes a thousand users, the most that the contract names', () => {
  expect(MAX_USERS_PER_SEND).toBe(1_000)
})

test.each<[string, object, number | undefined]>([
  ['a topic', { topic: 'news.sport:eu/de-1_' }, undefined],
  ['everyone', { everyone: true }, 60],
  ['whoever listens to a topic now', { topic: 'news' }, 0],
  ['one device', { user: 'alice', device: 'phone' }, 0],
  ['one connection', { connection: 'm3kZ0c1v9QbXyT2e' }, 0],
])('takes %s', (_whom, to, ttl) => {
  expect(parseSend({ ...least, to, ttl })).toEqual({ ...least, to, ttl })
})

describe('a time to live', () => {
  test.each([0, 1, 86_400, 315_360_000])('may be %d s', (ttl) => {
    expect(parseSend({ ...least, ttl })).toMatchObject({ ttl })
  })
})

test.each(['x', 'ö/ 😀', 'k'.repeat(128), '😀'.repeat(128)])('takes the collapse key %j', (key) => {
  expect(parseSend({ ...least, collapseKey: key })).toMatchObject({ collapseKey: key })
})

test.each([
  '2026-11-22T10:00:00.124Z',
  '2026-11-22T10:00:00Z',
  '2026-11-22T12:00:00+02:00',
  '1999-12-31T23:59:59Z',
  new Date(NOW + 366 * 86_400_000).toISOString(),
])('takes %s as the time of arrival: what has passed arrives now', (deliverAt) => {
  expect(parseSend({ ...least, deliverAt, ttl: 60 })).toMatchObject({ deliverAt })
})

test('takes a user named `__proto__`, and keeps the name', () => {
  const to = { users: ['__proto__', 'constructor'] }
  expect(parseSend({ ...least, to }).to).toEqual(to)
})

describe('a link', () => {
  test.each([
    'https://shop.example/o/8812?x=1#y',
    'http://localhost:3000',
    'HTTPS://x',
    'hTTp://x',
    '/',
    '/icons/box.png',
    '/a//b',
    '/?next=//evil.example',
    '/ü/😀',
    'http://[::1]/',
  ])('may be %j', (link) => {
    expect(parseSend({ ...least, url: link, icon: link })).toMatchObject({
      url: link,
      icon: link,
    })
  })
})

describe('data', () => {
  test.each([0, '', false, [], {}, 'text', 1.5, nested(64, '0')])('may be %j', (data) => {
    expect(parseSend({ ...least, data }).data).toEqual(data)
  })

  test('may be nested 64 deep, through objects too', () => {
    const data: unknown = JSON.parse('{"a":'.repeat(64) + '0' + '}'.repeat(64))
    expect(parseSend({ ...least, data }).data).toEqual(data)
  })

  test('may be wide', () => {
    const data = Array.from({ length: 100_000 }, () => [0])
    expect(parseSend({ ...least, data }).data).toHaveLength(100_000)
  })

  test('keeps a field named `__proto__` as any other, and lets it change nothing', () => {
    const data: unknown = JSON.parse('{"__proto__":{"admin":true},"a":1}')
    const parsed = parseSend({ ...least, data }).data
    expect(JSON.stringify(parsed)).toBe('{"__proto__":{"admin":true},"a":1}')
    expect(Reflect.get({}, 'admin')).toBeUndefined()
  })
})
