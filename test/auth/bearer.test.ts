import { expect, test } from 'vitest'
import { bearerToken } from '../../src/auth/bearer.js'

test.each(['Bearer a.b-c_d', 'bearer a.b-c_d', 'BEARER   a.b-c_d', 'Bearer a.b-c_d  '])(
  'finds the token in %j',
  (header) => {
    expect(bearerToken(header)).toBe('a.b-c_d')
  },
)

test.each(['a', 'AZaz09-._~+/', 'a=', 'a=='])('takes every character of RFC 6750: %j', (token) => {
  expect(bearerToken(`Bearer ${token}`)).toBe(token)
})

test.each([
  undefined,
  '',
  'Basic dXNlcjpwYXNz',
  'Bearerx a',
  'Token a',
  'a.b.c',
  ' Bearer a',
  'Digest Bearer a',
])('says that there is no token in %j', (header) => {
  expect(() => bearerToken(header)).toThrow(expect.objectContaining({ code: 'missing_token' }))
})

test.each([
  'Bearer',
  'Bearer ',
  'Bearer a b',
  'Bearer "a"',
  'Bearer a,b',
  'Bearer a, Bearer b',
  'Bearer =',
  'Bearer a=b',
  'Bearer ä',
  'Bearer a\n',
])('says that %j is malformed, and does not repeat it', (header) => {
  expect(() => bearerToken(header)).toThrow(
    expect.objectContaining({
      code: 'invalid_token',
      message: 'The Authorization header holds no well-formed token.',
    }),
  )
})

test('takes no time over a header made to take long', () => {
  const begun = performance.now()
  expect(() =>
    bearerToken(`Bearer ${'a'.repeat(8_000)}${'='.repeat(8_000)}${' '.repeat(8_000)}!`),
  ).toThrow(expect.objectContaining({ code: 'invalid_token' }))
  expect(performance.now() - begun).toBeLessThan(500)
})
