import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod/mini'
import { TestClient } from '../client.js'
import { startService, temporaryFolder, type TestService } from '../harness.js'
import { AUDIENCE, es256, forgedTokens, ISSUER, malloryJwks, TRUSTED_PEM } from './forged-tokens.js'
import { refusedHandshake } from './refused-handshake.js'

const CHALLENGE = 'Bearer realm="posthorn", error="invalid_token"'

const folder = temporaryFolder()
/** Serves a key that would make forged tokens good, and notes who asks. */
const trap = createServer((request, response) => {
  trapped.push(request.url ?? '')
  response.end(JSON.stringify(malloryJwks()))
})
const trapped: string[] = []
// The tests are named before the port is known: it is settled here, ahead of them.
trap.listen(0, '127.0.0.1')
await once(trap, 'listening')
const trapUrl = `http://127.0.0.1:${z.object({ port: z.int() }).parse(trap.address()).port}/jwks.json`

let service: TestService

beforeAll(async () => {
  const file = join(folder.path, 'key.pem')
  writeFileSync(file, TRUSTED_PEM)
  service = await startService({
    environment: {
      JWT_SECRET: '',
      JWT_PUBLIC_KEY: file,
      JWT_ISSUER: ISSUER,
      JWT_AUDIENCE: AUDIENCE,
    },
  })
})
afterAll(async () => {
  await service[Symbol.asyncDispose]()
  trap.close()
  folder[Symbol.dispose]()
})

test('a token that lacks nothing is taken in every way: the others are refused for what is wrong with them', async () => {
  const headers = [{}, { kid: 'any', jku: trapUrl, x5u: trapUrl }]
  for (const token of [
    ...headers.map((header) => es256(header)),
    es256({}, { aud: ['a', AUDIENCE] }),
  ]) {
    for (const credential of ['header', 'subprotocol', 'first-message'] as const) {
      await using client = await service.api.connect('alice', { token, credential })
      expect((await client.first('welcome')).payload.user).toBe('alice')
    }
    expect((await service.api.request('/v1/inbox', { token })).status).toBe(200)
  }
})

describe.each(forgedTokens(trapUrl))('a token with %s is refused', (_what, token) => {
  test('by the header: 401 with a challenge', async () => {
    const path = '/v1/socket?device=phone'
    const authorization = `Bearer ${token}`
    const { status, headers, problem } = await refusedHandshake(service.url, path, {
      authorization,
    })
    expect([status, problem.code]).toEqual([401, 'invalid_token'])
    expect(headers['www-authenticate']).toBe(CHALLENGE)
  })

  test.each(['subprotocol', 'first-message'] as const)(
    'by %s: an error and 4401',
    async (credential) => {
      await using client = await TestClient.connect(service.url, {
        token,
        credential,
        device: 'phone',
      })
      expect(await client.closed).toEqual({ code: 4401, reason: 'invalid_token' })
      expect(client.messages).toMatchObject([
        { type: 'error', payload: { code: 'invalid_token', retryable: false } },
      ])
      expect(client.frames.join('')).not.toContain(token)
    },
  )

  test('in-band, on a connection that lives: an error and 4401', async () => {
    await using client = await service.api.connect('alice', { token: es256({}) })
    await client.first('caught_up')
    client.send({ type: 'authenticate', id: 'fresh', payload: { token } })
    expect(await client.closed).toEqual({ code: 4401, reason: 'invalid_token' })
    expect(client.messages.at(-1)).toMatchObject({
      id: 'fresh',
      payload: { code: 'invalid_token' },
    })
  })

  test('over REST: 401 with a challenge', async () => {
    const answer = await service.api.request('/v1/inbox', { token })
    expect(answer.status).toBe(401)
    expect(answer.headers.get('www-authenticate')).toBe(CHALLENGE)
    expect(await answer.json()).toMatchObject({ code: 'invalid_token' })
  })
})

test('nobody has asked the addresses that tokens name', async () => {
  expect(trapped).toEqual([])
  // The trap works: whoever had followed an address would be here.
  await (await fetch(trapUrl)).arrayBuffer()
  expect(trapped).toEqual(['/jwks.json'])
})
