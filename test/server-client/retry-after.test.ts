import { expect, test } from 'vitest'
import { parseRetryAfter } from '../../src/server-client/retry-after.js'

const NOW = Date.parse('2026-11-23T07:00:00.000Z')
const IN_FIVE_SECONDS = 'Mon, 23 Nov 2026 07:00:05 GMT'

test.each([
  [{}, undefined],
  [{ 'retry-after': '' }, undefined],
  [{ 'retry-after': '0' }, 0],
  [{ 'retry-after': '120' }, 120_000],
  [{ 'retry-after': ' 3 ' }, 3_000],
  [{ 'retry-after': '-5' }, undefined],
  [{ 'retry-after': '1.5' }, undefined],
  [{ 'retry-after': 'soon' }, undefined],
  [{ 'retry-after': IN_FIVE_SECONDS }, 5_000],
  [{ 'retry-after': 'Mon, 23 Nov 2026 06:59:00 GMT' }, 0],
  [{ 'retry-after': IN_FIVE_SECONDS, date: 'Mon, 23 Nov 2026 07:00:01 GMT' }, 4_000],
  [{ 'retry-after': IN_FIVE_SECONDS, date: 'today' }, 5_000],
])('%j asks for %s ms', (headers, milliseconds) => {
  expect(parseRetryAfter(new Headers(headers), NOW)).toBe(milliseconds)
})
