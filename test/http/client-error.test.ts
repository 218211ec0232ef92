import { expect, test } from 'vitest'
import { startService } from '../harness.js'
import { problemOfRaw } from './problem-of.js'
import { exchange } from './raw.js'

test.each([
  ['what is no HTTP', 'nonsense\r\n\r\n', 400, 'malformed_request'],
  ['a version of its own', 'GET /healthz HTTP/9.9\r\n\r\n', 400, 'malformed_request'],
  [
    'headers over 16 KiB',
    `GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
    431,
    'headers_too_large',
  ],
])('answers %s by a problem, and goes on', async (_name, request, status, code) => {
  await using service = await startService()
  const answer = await exchange(service.url, request)
  expect(problemOfRaw(answer)).toMatchObject({ status, code })
  expect((await service.api.request('/healthz')).status).toBe(200)
})
