import { afterAll, beforeAll, expect, test } from 'vitest'
import { serviceToken, startService, tokenFor, type TestService } from '../harness.js'
import { shortOf } from './problem-of.js'

let service: TestService

beforeAll(async () => {
  service = await startService()
})
afterAll(async () => {
  await service[Symbol.asyncDispose]()
})

const asked = async (token?: string): Promise<string> =>
  shortOf(await service.api.request('/metrics', { token }))

test('are for services with posthorn:metrics alone', async () => {
  expect(await asked()).toBe('401 missing_token')
  expect(await asked('garbage')).toBe('401 invalid_token')
  expect(await asked(await tokenFor('alice'))).toBe('403 insufficient_scope')
  expect(await asked(await serviceToken('posthorn:users'))).toBe('403 insufficient_scope')
})

test('come in the text format, and are kept by nobody', async () => {
  const response = await service.api.request('/metrics', {
    token: await serviceToken('posthorn:metrics'),
  })
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
  expect(response.headers.get('cache-control')).toBe('no-store')
  const text = await response.text()
  expect(text).toMatch(/^posthorn_connections 0$/m)
  // Without TLS there is no certificate that could end.
  expect(text).not.toMatch(/^posthorn_tls_certificate_end_timestamp_seconds /m)
})

test('take no query, which might be a token', async () => {
  const token = await serviceToken('posthorn:metrics')
  const response = await service.api.request(`/metrics?access_token=${token}`, { token })
  expect(await shortOf(response)).toBe('400 invalid_query /access_token:unknown_field')
})

test('there is no port for operators where none is asked for', () => {
  expect(service.opsUrl).toBeUndefined()
})
