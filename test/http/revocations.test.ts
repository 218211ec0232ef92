import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hashOfName } from '../../src/auth/revocations.js'
import { rowsIn } from '../back-ends/database.js'
import * as z from 'zod/mini'
import {
  serviceToken,
  startService,
  temporaryFolder,
  tokenFor,
  type TestService,
} from '../harness.js'
import { problemOf, shortOf } from './problem-of.js'

let service: TestService
let token: string

beforeAll(async () => {
  service = await startService()
  token = await serviceToken('posthorn:users')
})
afterAll(async () => {
  await service[Symbol.asyncDispose]()
})

const seconds = (): number => Math.floor(Date.now() / 1_000)

async function revoke(body: unknown, at = service): Promise<number> {
  const response = await at.api.request('/v1/revocations', { method: 'POST', token, body })
  if (response.status !== 204) throw new Error(await response.text())
  return response.status
}

/** What the token is answered with. */
async function answerTo(userToken: string, at = service): Promise<unknown> {
  const response = await at.api.request('/v1/inbox/counts', { token: userToken })
  return response.status === 200 ? 200 : shortOf(response)
}

/** A connection that lives on this token. */
async function connected(user: string, userToken: string) {
  const client = await service.api.connect(user, { token: userToken })
  await client.first('welcome')
  return client
}

test('refuses one token by its `jti`, and ends the connection that lives on it', async () => {
  const exp = seconds() + 600
  const [gone, stays] = await Promise.all([
    tokenFor('alice', { jti: 'alice-1', exp }),
    tokenFor('alice', { jti: 'alice-2', exp }),
  ])
  await using ending = await connected('alice', gone)
  await using staying = await connected('alice', stays)
  expect(await revoke({ jti: 'alice-1', exp })).toBe(204)
  expect(await ending.closed).toEqual({ code: 4403, reason: 'token_revoked' })
  expect(ending.errors).toEqual(['token_revoked'])
  expect(await answerTo(gone)).toBe('401 token_revoked')
  expect(await answerTo(stays)).toBe(200)
  await staying.settled()
})

test('refuses what a user was issued before a time, and what does not say when', async () => {
  const old = await tokenFor('bob', { iat: seconds() - 60 })
  const dateless = await tokenFor('bob')
  const fresh = await tokenFor('bob', { iat: seconds() + 60 })
  await using ending = await connected('bob', old)
  await using staying = await connected('bob', fresh)
  await using other = await connected('carol', await tokenFor('carol', { iat: seconds() - 60 }))
  await revoke({ user: 'bob', issuedBefore: new Date().toISOString() })
  expect(await ending.closed).toEqual({ code: 4403, reason: 'token_revoked' })
  for (const one of [old, dateless]) expect(await answerTo(one)).toBe('401 token_revoked')
  expect(await answerTo(fresh)).toBe(200)
  for (const client of [staying, other]) await client.settled()
})

test('a connection lives on its newest token', async () => {
  const iat = seconds() - 60
  const fresh = await tokenFor('dora', { iat: seconds() + 60 })
  await using client = await connected('dora', await tokenFor('dora', { iat }))
  client.send({ type: 'authenticate', id: 'a', payload: { token: fresh } })
  await client.first('reply')
  await revoke({ user: 'dora', issuedBefore: seconds() })
  await client.settled()
  expect(client.errors).toEqual([])
})

test('refuses a handshake with a revoked token: 401 by the header, else 4403', async () => {
  const old = await tokenFor('erin', { iat: seconds() - 60 })
  await revoke({ user: 'erin', issuedBefore: seconds() })
  await expect(service.api.connect('erin', { token: old })).rejects.toThrow('401')
  for (const credential of ['subprotocol', 'first-message'] as const) {
    await using client = await service.api.connect('erin', { token: old, credential })
    expect(await client.closed).toEqual({ code: 4403, reason: 'token_revoked' })
  }
})

test('is kept over a restart, and over the erasure of the user', async () => {
  using folder = temporaryFolder()
  const exp = seconds() + 600
  const byUser = await tokenFor('frank', { iat: seconds() - 60 })
  const byName = await tokenFor('grace', { jti: 'grace-1', exp })
  {
    await using first = await startService({ folder: folder.path })
    await first.api.send('frank', 'hello')
    await revoke({ user: 'frank', issuedBefore: seconds() }, first)
    await revoke({ jti: 'grace-1', exp }, first)
    await first.api.request('/v1/users/frank', { method: 'DELETE', token })
    expect(await answerTo(byUser, first)).toBe('401 token_revoked')
  }
  await using second = await startService({ folder: folder.path })
  for (const one of [byUser, byName]) {
    expect(await answerTo(one, second)).toBe('401 token_revoked')
  }
  expect(await answerTo(await tokenFor('frank', { iat: seconds() + 60 }), second)).toBe(200)
})

describe('what is no revocation', () => {
  const day = 24 * 60 * 60
  const cases: [name: string, body: () => unknown, pointer: string][] = [
    ['nothing', () => ({}), '/jti'],
    ['a token without its end', () => ({ jti: 'x' }), '/exp'],
    ['an end of another form', () => ({ jti: 'x', exp: 'tomorrow' }), '/exp'],
    ['a user without a time', () => ({ user: 'u' }), '/issuedBefore'],
    [
      'a time more than a day ahead',
      () => ({ user: 'u', issuedBefore: seconds() + day + 60 }),
      '/issuedBefore',
    ],
    ['both', () => ({ jti: 'x', exp: 1, user: 'u', issuedBefore: 1 }), '/user'],
    ['a field that is not known', () => ({ user: 'u', issuedBefore: 1, why: 'x' }), '/why'],
    ['a user that is none', () => ({ user: '', issuedBefore: 1 }), '/user'],
  ]
  test.each(cases)('%s', async (_name, body, pointer) => {
    const response = await service.api.request('/v1/revocations', {
      method: 'POST',
      token,
      body: body(),
    })
    const { status, code, errors } = await problemOf(response)
    expect([status, code]).toEqual([422, 'invalid_request'])
    expect(errors?.map((error) => error.pointer)).toContain(pointer)
  })
})

/** Until when the revocation of a token is kept, on disk. */
async function timeOf(jti: string): Promise<number> {
  const sql = "SELECT time FROM revocations WHERE kind = 'token' AND name = ?"
  const rows = await rowsIn(service.databasePath, sql, [hashOfName('token', jti)])
  return Number(z.array(z.object({ time: z.unknown() })).parse(rows)[0]?.time)
}

test('is kept for a day at least, whatever `exp` it came with, and until the tolerance is over', async () => {
  const day = 24 * 60 * 60
  const before = Date.now()
  const lasting = seconds() + 10 * day
  await revoke({ jti: 'ivan-1', exp: 1 })
  await revoke({ jti: 'ivan-2', exp: lasting })
  expect(await timeOf('ivan-1')).toBeGreaterThanOrEqual(before + day * 1_000)
  expect(await timeOf('ivan-2')).toBe((lasting + 30) * 1_000)
  expect(await answerTo(await tokenFor('ivan', { jti: 'ivan-1' }))).toBe('401 token_revoked')
})
