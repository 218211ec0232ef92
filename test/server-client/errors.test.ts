import { expect, test } from 'vitest'
import { createClient } from '../../src/server-client/client.js'
import { clientOf, errorOf, SENDING, TOKEN } from './client-of.js'
import { FakeTime } from './fake-time.js'
import { answer, page, problem, RECEIPT, ScriptedServer, stored } from './scripted-server.js'

test('a problem of the service comes with all its fields', async () => {
  const errors = [{ pointer: '/type', code: 'required', detail: 'this field is required' }]
  const refusal = problem(422, 'invalid_request', { errors, title: 'Title', detail: 'Detail.' })
  await using scripted = await clientOf([refusal])
  const error = await errorOf(scripted.client.send(SENDING))
  expect(error.message).toBe('422 invalid_request: Detail.')
  expect(error).toMatchObject({
    name: 'PosthornApiError',
    code: 'invalid_request',
    status: 422,
    title: 'Title',
    detail: 'Detail.',
    requestId: 'request-1',
    errors,
    retryable: false,
    retryAfterMs: undefined,
    attempts: 1,
    idempotencyKey: 'key-1',
  })
})

test.each([
  [409, 'one_of_a_newer_service', false],
  [418, 'constructor', false],
  [507, 'one_of_a_newer_service', true],
  [408, 'request_timeout', true],
  [429, 'rate_limited', true],
])(
  'takes %d with the code %s, and says whether it may go well later',
  async (status, code, retryable) => {
    const errors = [{ pointer: '/x', code: 'of_a_newer_service', detail: 'x', more: 1 }]
    await using scripted = await clientOf([problem(status, code, { errors, more: 1 })], {
      maxAttempts: 1,
    })
    const error = await errorOf(scripted.client.send(SENDING))
    expect(error).toMatchObject({ name: 'PosthornApiError', code, status, retryable })
  },
)

test.each([
  ['a page', 404, page(404, { 'x-request-id': 'r-1' }), false],
  ['a page of a proxy that has no service', 502, page(502, { 'x-request-id': 'r-1' }), true],
  ['JSON that is no problem', 400, answer(400, { error: 'no' }, { 'x-request-id': 'r-1' }), false],
  ["another's problem", 403, answer(403, { title: 'No' }, { 'x-request-id': 'r-1' }), false],
])(
  '%s with %d is an error of the client, with one code',
  async (_what, status, step, retryable) => {
    await using scripted = await clientOf([step], { maxAttempts: 1 })
    const error = await errorOf(scripted.client.send(SENDING))
    expect(error).toMatchObject({
      name: 'PosthornAnswerError',
      code: 'unreadable_error',
      status,
      requestId: 'r-1',
      retryable,
    })
    expect(error.message).not.toContain('<')
  },
)

test.each([
  ['a page', page(200)],
  ['no body', answer(201)],
  ['another body', answer(201, { ...RECEIPT, id: 7 })],
])('a success with %s is no success, and not asked for again', async (_what, step) => {
  await using scripted = await clientOf([step])
  const error = await errorOf(scripted.client.send(SENDING))
  expect(error).toMatchObject({ code: 'unreadable_answer', retryable: false, attempts: 1 })
})

test('a page is not taken for "done" where the service answers nothing', async () => {
  await using scripted = await clientOf([page(200)])
  const { client } = scripted
  expect((await errorOf(client.topics.subscribe('news', 'alice'))).code).toBe('unreadable_answer')
  expect((await errorOf(client.users.erase('alice'))).code).toBe('unreadable_answer')
})

test('follows no redirect: no other place is shown the token', async () => {
  await using other = await ScriptedServer.start(stored)
  await using scripted = await clientOf([page(307, { location: other.url })])
  const error = await errorOf(scripted.client.send(SENDING))
  expect(error).toMatchObject({ code: 'unreadable_error', status: 307, retryable: false })
  expect(other.received).toEqual([])
})

test('a service that is not there is a network fault, with its cause', async () => {
  const server = await ScriptedServer.start(stored)
  const { url } = server
  await server[Symbol.asyncDispose]()
  const client = createClient({ url, token: TOKEN }, new FakeTime().environment)
  const error = await errorOf(client.send(SENDING))
  expect(error).toMatchObject({
    name: 'PosthornNetworkError',
    code: 'network_error',
    retryable: true,
    attempts: 5,
    idempotencyKey: 'key-1',
  })
  expect(error.cause).toBeInstanceOf(Error)
})

test('fields and values of a newer service are no errors', async () => {
  const newer = { ...RECEIPT, status: 'of_a_newer_service', more: { than: 'this' } }
  await using scripted = await clientOf([answer(202, newer)])
  expect((await scripted.client.send(SENDING)).status).toBe('of_a_newer_service')
})

test('whatever `fetch` fails with is a network fault', async () => {
  const cause = new RangeError('not of this world')
  const fetch = (): Promise<never> => Promise.reject(cause)
  await using scripted = await clientOf([stored], { fetch, maxAttempts: 1 })
  expect(await errorOf(scripted.client.send(SENDING))).toMatchObject({
    code: 'network_error',
    cause,
  })
})
