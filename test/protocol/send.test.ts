import { describe, expect, test } from 'vitest'
import { MAX_USERS_PER_SEND, parseSendRequest } from '../../src/protocol/send.js'

const least = { to: { user: 'alice' }, type: 'test' }
const users = (count: number): string[] => Array.from({ length: count }, (_, index) => `u${index}`)

/** A value inside so many arrays. */
function nested(depth: number, inner = ''): unknown {
  return JSON.parse('['.repeat(depth) + inner + ']'.repeat(depth))
}

test('takes `to` and `type` alone', () => {
  expect(parseSendRequest(least)).toEqual(least)
})

test('takes every field of the contract that is served', () => {
  const whole = {
    ...least,
    title: 'Shipped',
    body: 'Arrives Tuesday',
    url: 'https://shop.example/o/8812',
    icon: '/icons/box.png',
    data: { order: 8812, lines: [1, null, 'two', false] },
    priority: 'urgent',
    deliverAt: null,
  }
  expect(parseSendRequest(whole)).toEqual(whole)
})

test.each(['title', 'body', 'url', 'icon', 'data', 'priority', 'deliverAt'])(
  'takes null for `%s`, which is as if it were absent',
  (name) => {
    expect(parseSendRequest({ ...least, [name]: null })).toMatchObject(least)
  },
)

test.each(['low', 'normal', 'high', 'urgent'])('takes the priority %s', (priority) => {
  expect(parseSendRequest({ ...least, priority })).toMatchObject({ priority })
})

test.each([1, 2, MAX_USERS_PER_SEND])('takes %d users', (count) => {
  const to = { users: users(count) }
  expect(parseSendRequest({ ...least, to })).toMatchObject({ to })
})

test('takes a thousand users, the most that the contract names', () => {
  expect(MAX_USERS_PER_SEND).toBe(1_000)
})

test('takes a user named `__proto__`, and keeps the name', () => {
  const to = { users: ['__proto__', 'constructor'] }
  expect(parseSendRequest({ ...least, to }).to).toEqual(to)
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
    expect(parseSendRequest({ ...least, url: link, icon: link })).toMatchObject({
      url: link,
      icon: link,
    })
  })
})

describe('data', () => {
  test.each([0, '', false, [], {}, 'text', 1.5, nested(64, '0')])('may be %j', (data) => {
    expect(parseSendRequest({ ...least, data }).data).toEqual(data)
  })

  test('may be nested 64 deep, through objects too', () => {
    const data: unknown = JSON.parse('{"a":'.repeat(64) + '0' + '}'.repeat(64))
    expect(parseSendRequest({ ...least, data }).data).toEqual(data)
  })

  test('may be wide', () => {
    const data = Array.from({ length: 100_000 }, () => [0])
    expect(parseSendRequest({ ...least, data }).data).toHaveLength(100_000)
  })

  test('keeps a field named `__proto__` as any other, and lets it change nothing', () => {
    const data: unknown = JSON.parse('{"__proto__":{"admin":true},"a":1}')
    const parsed = parseSendRequest({ ...least, data }).data
    expect(JSON.stringify(parsed)).toBe('{"__proto__":{"admin":true},"a":1}')
    expect(Reflect.get({}, 'admin')).toBeUndefined()
  })
})
