import { expect, test } from 'vitest'
import { PosthornArgumentError } from '../../src/server-client/errors.js'
import { pathOf } from '../../src/server-client/path.js'

test.each([
  [['users', 'alice', 'inbox'], '/v1/users/alice/inbox'],
  [['topics', 'a/b:c', 'subscribers'], '/v1/topics/a%2Fb%3Ac/subscribers'],
  [['users', 'a b?c#d%2F..'], '/v1/users/a%20b%3Fc%23d%252F..'],
  [['users', '...'], '/v1/users/...'],
  [['users', 'Ünal 🐌'], '/v1/users/%C3%9Cnal%20%F0%9F%90%8C'],
])('encodes each part of %j by itself', (parts, path) => {
  expect(pathOf(parts)).toBe(path)
  expect(new URL(path, 'http://a.example').pathname).toBe(path)
})

test('adds the fields of a query that are there', () => {
  const path = pathOf(['users'], { limit: 100, type: 'a&b', page: undefined })
  expect(path).toBe('/v1/users?limit=100&type=a%26b')
})

test.each(['', '.', '..', '\ud83d'])('refuses %j, which no path can name', (part) => {
  expect(() => pathOf(['users', part])).toThrow(PosthornArgumentError)
})
