import { expect, test } from 'vitest'
import { subjectOf } from '../../src/client/subject.js'

function tokenOf(claims: unknown): string {
  const bytes = new TextEncoder().encode(JSON.stringify(claims))
  const base64 = btoa(String.fromCharCode(...bytes))
  return `header.${base64.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')}.signature`
}

test('tells apart whose tokens are of different users, also of different issuers', () => {
  const subjects = [
    { sub: 'alice' },
    { sub: 'bob' },
    { iss: 'login', sub: 'alice' },
    { iss: 'login', sub: 'Ælfrīc' },
    { iss: 'login","', sub: 'alice' },
  ].map((claims) => subjectOf(tokenOf(claims)))
  expect(subjects).not.toContain(undefined)
  expect(new Set(subjects).size).toBe(subjects.length)
})

test('knows two tokens of one user as that', () => {
  expect(subjectOf(tokenOf({ sub: 'alice', exp: 1 }))).toBe(
    subjectOf(tokenOf({ exp: 2, sub: 'alice', topics: ['news'] })),
  )
})

test.each(['', 'opaque', 'a.b.c', 'a.%%%.c', tokenOf({ name: 'alice' }), tokenOf(7)])(
  'makes nothing of what is no token of a user: %s',
  (token) => {
    expect(subjectOf(token)).toBeUndefined()
  },
)
