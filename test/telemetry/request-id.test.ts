import { expect, test } from 'vitest'
import { MAX_REQUEST_ID_LENGTH, requestIdOf } from '../../src/telemetry/request-id.js'

const GENERATED = /^[0-9a-f]{8}-[0-9a-f-]{27}$/

test.each(['a', 'abc-123_DEF=', 'x'.repeat(MAX_REQUEST_ID_LENGTH)])('keeps %s', (id) => {
  expect(requestIdOf(id)).toBe(id)
})

test.each([
  undefined,
  '',
  'x'.repeat(MAX_REQUEST_ID_LENGTH + 1),
  'a b',
  'a\n',
  'a\r\nx: y',
  'é',
  '"',
  ['a', 'b'],
])('makes a new one in place of %j, another each time', (id) => {
  const ids = [requestIdOf(id), requestIdOf(id)]
  expect(ids[0]).toMatch(GENERATED)
  expect(ids[1]).not.toBe(ids[0])
})
