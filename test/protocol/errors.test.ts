import { describe, expect, test } from 'vitest'
import { ERRORS, PosthornError, Violation } from '../../src/protocol/errors.js'

const rows = Object.entries(ERRORS)

/** Close codes of RFC 6455 §7.4.1 that an endpoint may send and that the contract uses. */
const PROTOCOL_CLOSES = [1003, 1009, 1011, 1012, 1013]
/** Those of the contract's own. */
const OWN_CLOSES = [4400, 4401, 4403, 4408, 4409, 4410, 4429]
/** What a socket refuses and goes on, though it is a 403: one topic, and no more than that. */
const GOES_ON = new Set(['topic_not_allowed'])
const RETRYABLE_CLOSES = new Set([1011, 1012, 1013, 4408, 4429])

describe.each(rows)('%s', (code, { title, status, close, retryable }) => {
  test('is a stable code in snake_case with a title for people', () => {
    expect(code).toMatch(/^[a-z]+(?:_[a-z]+)*$/)
    expect(title).toMatch(/^[A-Z].{5,}[^.]$/)
  })

  test('has the HTTP status of an error', () => {
    expect([
      400, 401, 403, 404, 405, 408, 409, 410, 413, 422, 426, 429, 431, 500, 503, 507,
    ]).toContain(status)
  })

  test('closes with a code of the contract, if at all', () => {
    expect([null, ...PROTOCOL_CLOSES, ...OWN_CLOSES]).toContain(close)
  })

  test('may be tried again exactly where the contract says so', () => {
    // A socket never meets a request that did not come in time; whoever sent it may send it again.
    const byClose = close !== null && RETRYABLE_CLOSES.has(close)
    expect(retryable).toBe(byClose || code === 'request_timeout')
  })
})

test('closes 4401 for each 401, but 4403 where no fresh token helps, as for each 403 that ends a connection', () => {
  const ending = rows.filter(([code]) => !GOES_ON.has(code))
  const pairs = ending.map(([, { status, close }]) => `${status} ${close}`)
  const ours = pairs.filter((pair) => /^40[13]|440[13]$/.test(pair))
  expect(new Set(ours)).toEqual(new Set(['401 4401', '401 4403', '403 4403']))
})

test('gives each error a title of its own', () => {
  const titles = rows.map(([, { title }]) => title)
  expect(titles).toEqual([...new Set(titles)])
})

test.each([
  'epoch_required',
  'epoch_mismatch',
  'ack_ahead',
  'device_required',
  'insufficient_scope',
  'idempotency_key_reused',
  'malformed_message',
  'invalid_message',
  'unknown_type',
  'rate_limited',
  'topic_not_allowed',
  'disconnected',
  'user_erased',
  'too_many_topics',
  'too_many_connections',
  'device_removed',
])('knows %s, which the contract names', (code) => {
  expect(ERRORS).toHaveProperty(code)
})

test('carries its code, its words, what was wrong, and the cause', () => {
  const cause = new Error('underneath')
  const violations: Violation[] = [{ pointer: '/a', code: 'required', detail: 'x' }]
  const error = new PosthornError('invalid_request', 'Said.', { violations, cause })
  expect(error).toMatchObject({
    name: 'PosthornError',
    code: 'invalid_request',
    message: 'Said.',
    violations,
    cause,
  })
  expect(new PosthornError('not_found', 'Said.')).not.toHaveProperty('cause')
})

test('knows the four ways in which a field can be wrong', () => {
  const codes = ['required', 'unknown_field', 'invalid_type', 'invalid_value']
  for (const code of codes) {
    expect(Violation.safeParse({ pointer: '', code, detail: '' }).success).toBe(true)
  }
  expect(Violation.safeParse({ pointer: '', code: 'other', detail: '' }).success).toBe(false)
})
