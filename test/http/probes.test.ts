import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startService, type TestService } from '../harness.js'

let service: TestService

beforeAll(async () => {
  service = await startService()
})
afterAll(async () => {
  await service[Symbol.asyncDispose]()
})

test.each([
  ['/healthz', { status: 'ok' }],
  ['/readyz', { status: 'ready' }],
])('answers %s without a token, and with a wrong one', async (path, body) => {
  for (const headers of [{}, { authorization: 'Bearer garbage' }]) {
    const response = await service.api.request(path, { headers })
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual(body)
  }
})

test('gives its own description without a token', async () => {
  const response = await service.api.request('/openapi.yaml')
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toMatch(/yaml/)
  const text = await response.text()
  expect(text).toBe(readFileSync(new URL('../../openapi.yaml', import.meta.url), 'utf8'))
  expect(text).toMatch(/^openapi: /m)
})
