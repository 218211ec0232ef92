import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { PosthornClientError } from '../../src/server-client/errors.js'
import { clientOf, errorOf, SENDING, TOKEN } from './client-of.js'
import { FakeTime } from './fake-time.js'
import { page, problem, reset, stored, type Step } from './scripted-server.js'

/** Gives `token-1`, `token-2` and so on. */
function tokens(): () => Promise<string> {
  let given = 0
  return () => Promise.resolve(`token-${++given}`)
}

/** Answers with the header that holds the token. */
const echo: Step = (response, { headers }) => {
  response.writeHead(500, { 'content-type': 'text/plain' }).end(headers['authorization'])
}

const expired = problem(401, 'token_expired')

test('asks for a token before each request, tries included', async () => {
  await using scripted = await clientOf([reset, stored], { token: tokens() })
  await scripted.client.send(SENDING)
  await scripted.client.send(SENDING)
  expect(scripted.server.header('authorization')).toEqual([
    'Bearer token-1',
    'Bearer token-2',
    'Bearer token-3',
  ])
})

test('asks once more after a 401, at once and under the same key', async () => {
  await using scripted = await clientOf([expired, stored], { token: tokens(), maxAttempts: 1 })
  expect((await scripted.client.send(SENDING)).idempotencyKey).toBe('key-1')
  expect(scripted.server.header('authorization')).toEqual(['Bearer token-1', 'Bearer token-2'])
  expect(scripted.server.header('idempotency-key')).toEqual(['"key-1"', '"key-1"'])
  expect(scripted.time.waits).toEqual([])
})

test('asks once more for what may not be made twice, too: a 401 was not done', async () => {
  await using scripted = await clientOf([expired, problem(503, 'internal')], { token: tokens() })
  const error = await errorOf(scripted.client.users.disconnect('alice'))
  expect([error.code, error.attempts]).toEqual(['internal', 2])
})

test('a second 401 is the answer', async () => {
  await using scripted = await clientOf([expired], { token: tokens() })
  const error = await errorOf(scripted.client.send(SENDING))
  expect(error).toMatchObject({ code: 'token_expired', status: 401, attempts: 2 })
  expect(scripted.server.received).toHaveLength(2)
})

test('the tries that a 401 used up are counted apart', async () => {
  await using scripted = await clientOf([expired, reset, stored], {
    token: tokens(),
    maxAttempts: 2,
  })
  await scripted.client.send(SENDING)
  expect(scripted.server.received).toHaveLength(3)
})

test('a `token` that fails is told with its cause, and nothing is sent', async () => {
  const cause = new Error('the vault is closed')
  const token = (): Promise<string> => Promise.reject(cause)
  await using scripted = await clientOf([stored], { token })
  const error = await errorOf(scripted.client.send(SENDING))
  expect(error).toMatchObject({ name: 'PosthornTokenError', code: 'token_unavailable', cause })
  expect(scripted.server.received).toEqual([])
})

test.each(['', 'two words', 'line\n', 'ключ'])(
  'takes %j for no token and sends nothing',
  async (token) => {
    await using scripted = await clientOf([stored], { token })
    const error = await errorOf(scripted.client.send(SENDING))
    expect(error.code).toBe('token_unavailable')
    expect(inspect(error).split(token || 'nothing')).toHaveLength(1)
    expect(scripted.server.received).toEqual([])
  },
)

test('a `token` that never comes is given up in time', async () => {
  const time = new FakeTime()
  const token = (): Promise<string> => {
    void time.elapse(10_000)
    return new Promise(() => {})
  }
  await using scripted = await clientOf([stored], { token, maxAttempts: 2 }, time)
  expect((await errorOf(scripted.client.send(SENDING))).code).toBe('timeout')
  expect(scripted.server.received).toEqual([])
})

test('no error shows the token, not even where an answer does', async () => {
  const detail = `what is ${TOKEN}?`
  const slow = new FakeTime()
  const faults: [Step, FakeTime?][] = [
    [reset],
    [echo],
    [page(502)],
    [problem(403, 'insufficient_scope', { detail, title: detail })],
    [problem(422, 'invalid_request', { errors: [{ pointer: '/to', code: 'required', detail }] })],
    [() => void slow.elapse(10_000), slow],
  ]
  for (const [fault, time] of faults) {
    await using scripted = await clientOf([fault], { maxAttempts: 1 }, time)
    const error = await errorOf(scripted.client.send(SENDING))
    expect(error).toBeInstanceOf(PosthornClientError)
    expect(inspect(error, { depth: Infinity, showHidden: true })).not.toContain(TOKEN)
    expect(JSON.stringify(error)).not.toContain(TOKEN)
  }
})
