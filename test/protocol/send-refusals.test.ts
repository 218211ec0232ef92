import { describe, expect, test } from 'vitest'
import { NOW, parseSend } from './parse-send.js'
import { complaintsOf, refusalOf } from './refusal.js'

const least = { to: { user: 'alice' }, type: 'test' }

/** What is wrong with a body: the error's code, and `[pointer, code]` for each field. */
function refused(body: unknown): [string, ...[string, string][]] {
  const act = (): unknown => parseSend(body)
  return [refusalOf(act).code, ...complaintsOf(act)]
}

test.each<[string, unknown, ...[string, string][]]>([
  ['nothing at all', {}, ['/to', 'required'], ['/type', 'required']],
  ['no target', { type: 'test' }, ['/to', 'required']],
  ['no type', { to: { user: 'alice' } }, ['/type', 'required']],
  ['an empty target', { ...least, to: {} }, ['/to/user', 'required']],
  ['a field that does not exist', { ...least, tittle: 'x' }, ['/tittle', 'unknown_field']],
  ['two of them', { ...least, a: 1, b: 2 }, ['/a', 'unknown_field'], ['/b', 'unknown_field']],
  ['a field with a slash and a tilde', { ...least, 'a/b~c': 1 }, ['/a~1b~0c', 'unknown_field']],
  ['a title that is a number', { ...least, title: 5 }, ['/title', 'invalid_type']],
  ['a body that is an object', { ...least, body: {} }, ['/body', 'invalid_type']],
  ['a type that is null', { ...least, type: null }, ['/type', 'invalid_type']],
  ['a type with a space', { ...least, type: 'a b' }, ['/type', 'invalid_value']],
  ['another priority', { ...least, priority: 'top' }, ['/priority', 'invalid_value']],
  ['a priority that is a number', { ...least, priority: 1 }, ['/priority', 'invalid_value']],
  ['a user that is a number', { ...least, to: { user: 5 } }, ['/to/user', 'invalid_type']],
  ['an empty user', { ...least, to: { user: '' } }, ['/to/user', 'invalid_value']],
  ['a control character', { ...least, to: { user: 'a\n' } }, ['/to/user', 'invalid_value']],
  ['no users', { ...least, to: { users: [] } }, ['/to/users', 'invalid_value']],
  ['users that are a text', { ...least, to: { users: 'a' } }, ['/to/users', 'invalid_type']],
  ['a bad user', { ...least, to: { users: ['a', ''] } }, ['/to/users/1', 'invalid_value']],
  ['a target that is a text', { ...least, to: 'alice' }, ['/to', 'invalid_type']],
  ['a target that is null', { ...least, to: null }, ['/to', 'invalid_type']],
  ['a target that is a list', { ...least, to: ['alice'] }, ['/to', 'invalid_type']],
])('refuses %s', (_name, body, ...complaints) => {
  expect(refused(body)).toEqual(['invalid_request', ...complaints])
})

test('names each bad user of a list', () => {
  expect(refused({ ...least, to: { users: ['', 'alice', 5, 'b\u0000'] } })).toEqual([
    'invalid_request',
    ['/to/users/0', 'invalid_value'],
    ['/to/users/2', 'invalid_type'],
    ['/to/users/3', 'invalid_value'],
  ])
})

test('refuses a target with both `user` and `users`', () => {
  const [code, ...complaints] = refused({ ...least, to: { user: 'a', users: ['b'] } })
  expect(code).toBe('invalid_request')
  expect(complaints).toHaveLength(1)
  expect(complaints[0]?.[0]).toMatch(/^\/to/)
})

test('refuses 1,001 users', () => {
  const users = Array.from({ length: 1_001 }, (_, index) => `u${index}`)
  expect(refused({ ...least, to: { users } })).toEqual([
    'invalid_request',
    ['/to/users', 'invalid_value'],
  ])
})

test.each([null, 5, 'text', true, [], [least]])('refuses %j, which is no object', (body) => {
  expect(refused(body)).toEqual(['invalid_request', ['', 'invalid_type']])
})

test('refuses a field named `__proto__`, as any that does not exist', () => {
  const body: unknown = JSON.parse('{"to":{"user":"alice"},"type":"test","__proto__":{"a":1}}')
  expect(refused(body)).toEqual(['invalid_request', ['/__proto__', 'unknown_field']])
})

test('takes no target from a field named `__proto__`', () => {
  const body: unknown = JSON.parse('{"type":"test","to":{"__proto__":{"user":"alice"}}}')
  expect(refused(body)[0]).toBe('invalid_request')
})

test.each<[string, unknown]>([
  ['/ttl', { ...least, ttl: -1 }],
  ['/ttl', { ...least, ttl: 1.5 }],
  ['/ttl', { ...least, ttl: 315_360_001 }],
  ['/ttl', { ...least, ttl: '60' }],
  ['/collapseKey', { ...least, collapseKey: '' }],
  ['/collapseKey', { ...least, collapseKey: 'k'.repeat(129) }],
  ['/collapseKey', { ...least, collapseKey: '\ud800' }],
  ['/deliverAt', { ...least, deliverAt: 'tomorrow' }],
  ['/deliverAt', { ...least, deliverAt: '2026-11-22' }],
  ['/deliverAt', { ...least, deliverAt: '2026-11-22T10:00:00' }],
  ['/deliverAt', { ...least, deliverAt: '2026-11-22T12:00+02:00' }],
  ['/deliverAt', { ...least, deliverAt: '2026-02-30T10:00:00Z' }],
  ['/deliverAt', { ...least, deliverAt: NOW }],
  ['/to/topic', { ...least, to: { topic: '' } }],
  ['/to/topic', { ...least, to: { topic: 'a b' } }],
  ['/to/topic', { ...least, to: { topic: 't'.repeat(129) } }],
  ['/to/everyone', { ...least, to: { everyone: false } }],
  ['/to/everyone', { ...least, to: { everyone: 'yes' } }],
  ['/to/device', { ...least, to: { user: 'alice', device: 'a b' }, ttl: 0 }],
  ['/to/connection', { ...least, to: { connection: '' }, ttl: 0 }],
])('says that it is %s that is wrong (case %#)', (pointer, body) => {
  const [code, ...complaints] = refused(body)
  expect([code, ...complaints.map(([at]) => at)]).toEqual(['invalid_request', pointer])
})

describe('fields that are right by themselves, and wrong together:', () => {
  const inAYear = new Date(NOW + 366 * 86_400_000 + 1).toISOString()
  const soon = new Date(NOW + 60_000).toISOString()
  const device = { user: 'alice', device: 'phone' }

  test.each<[string, unknown, ...[string, string][]]>([
    ['one device, without a ttl', { ...least, to: device }, ['/ttl', 'invalid_value']],
    [
      'one device, and a ttl of null',
      { ...least, to: device, ttl: null },
      ['/ttl', 'invalid_value'],
    ],
    ['one device, and a life', { ...least, to: device, ttl: 60 }, ['/ttl', 'invalid_value']],
    [
      'one connection, without a ttl',
      { ...least, to: { connection: 'c' } },
      ['/ttl', 'invalid_value'],
    ],
    [
      'now alone, and later',
      { ...least, ttl: 0, deliverAt: soon },
      ['/deliverAt', 'invalid_value'],
    ],
    [
      'further ahead than a year',
      { ...least, deliverAt: inAYear },
      ['/deliverAt', 'invalid_value'],
    ],
  ])('%s', (_what, body, ...complaints) => {
    expect(refused(body)).toEqual(['invalid_request', ...complaints])
  })
})

describe('a link', () => {
  test.each([
    'javascript:alert(1)',
    'data:text/html,x',
    'ftp://host/',
    '//host',
    '/\\host',
    '\\\\host',
    '/\t/host',
    '/\n/host',
    '\t//host',
    ' /path',
    '/with space',
    '/\u00a0',
    '/\u2028',
    '/\u0000',
    '/\ud83d',
    'http:///',
    'https://',
    'https:shop.example',
    'https:\\\\host',
    'http://a b/',
    'http://[::1/',
    'relative',
    '',
    '#fragment',
  ])('may not be %j', (link) => {
    expect(
      new Set(
        refused({ ...least, url: link })
          .slice(1)
          .map(String),
      ),
    ).toEqual(new Set(['/url,invalid_value']))
    expect(refused({ ...least, icon: link })[0]).toBe('invalid_request')
  })

  test('that is wrong is complained of once', () => {
    expect(refused({ ...least, url: 'relative' })).toEqual([
      'invalid_request',
      ['/url', 'invalid_value'],
    ])
  })
})

describe('data', () => {
  test.each<[number, string]>([
    [65, '0'],
    [100_000, '0'],
    [100_000, ''],
  ])('nested %d deep around %j is refused, not recursed into', (depth, inner) => {
    const data: unknown = JSON.parse('['.repeat(depth) + inner + ']'.repeat(depth))
    expect(refused({ ...least, data })).toEqual(['invalid_request', ['/data', 'invalid_value']])
  })

  test('nested 65 deep is refused where the innermost is empty too', () => {
    const data: unknown = JSON.parse('['.repeat(65) + ']'.repeat(65))
    expect(refused({ ...least, data })).toEqual(['invalid_request', ['/data', 'invalid_value']])
  })

  test('nested 100,000 deep through objects is refused', () => {
    const data: unknown = JSON.parse('{"a":'.repeat(100_000) + '0' + '}'.repeat(100_000))
    expect(refused({ ...least, data })).toEqual(['invalid_request', ['/data', 'invalid_value']])
  })

  test('cannot hide in another field: a title nested 100,000 deep is refused', () => {
    const title: unknown = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000))
    expect(refused({ ...least, title })).toEqual(['invalid_request', ['/title', 'invalid_type']])
  })
})

test('says nothing of what the caller sent but its names', () => {
  const secret = 'correct horse battery staple'
  const { message, violations } = refusalOf(() =>
    parseSend({ to: { user: `${secret}\n` }, type: secret, priority: secret, url: secret }),
  )
  expect(JSON.stringify([message, violations])).not.toContain(secret)
})
