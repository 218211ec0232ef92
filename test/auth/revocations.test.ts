import { describe, expect, test } from 'vitest'
import { secretKeys } from '../../src/auth/keys.js'
import { hashOfName, Revocations } from '../../src/auth/revocations.js'
import { createVerifier, type Verify } from '../../src/auth/verify.js'
import { PosthornError } from '../../src/protocol/errors.js'
import { SECRET } from '../harness.js'
import { issuer } from '../issuer.js'
import { NOW, refusal, sign } from './tokens.js'

function opened(): { revocations: Revocations; verify: Verify } {
  const revocations = new Revocations()
  const issuers = [issuer(secretKeys(SECRET))]
  return { revocations, verify: createVerifier({ issuers, revocations, clock: () => NOW * 1_000 }) }
}

const revokeToken = (revocations: Revocations, jti: string, time = NOW * 1_000): void =>
  void revocations.add({ kind: 'token', name: hashOfName('token', jti), time })

const revokeUser = (revocations: Revocations, user: string, time: number): void =>
  void revocations.add({ kind: 'user', name: hashOfName('user', user), time })

describe('a token that is revoked by its jti', () => {
  test('is refused though it was verified before, a service’s too; others are not', async () => {
    const { revocations, verify } = opened()
    const [gone, stays, unnamed] = await Promise.all([
      sign({ jti: 'one' }),
      sign({ jti: 'other' }),
      sign(),
    ])
    const service = await sign({ jti: 'one', scope: 'posthorn:send' })
    for (const token of [gone, stays, unnamed, service]) await verify(token)
    revokeToken(revocations, 'one')
    for (const token of [gone, service]) {
      expect((await refusal(verify, token)).code).toBe('token_revoked')
    }
    for (const token of [stays, unnamed]) expect(await verify(token)).toBeDefined()
  })

  test('is refused where it comes for the first time', async () => {
    const { revocations, verify } = opened()
    revokeToken(revocations, 'one')
    expect((await refusal(verify, sign({ jti: 'one' }))).code).toBe('token_revoked')
  })

  test('is forgotten once it has expired', () => {
    const { revocations } = opened()
    revokeToken(revocations, 'one', 5)
    const identity = { token: hashOfName('token', 'one'), user: undefined, issuedAt: undefined }
    revocations.forget(5)
    expect(revocations.has(identity)).toBe(true)
    revocations.forget(6)
    expect(revocations.has(identity)).toBe(false)
  })
})

describe('the tokens of a user that were issued before a time', () => {
  const cases: [name: string, claims: Record<string, unknown>, isRevoked: boolean][] = [
    ['a second before', { iat: NOW - 1 }, true],
    ['at the time', { iat: NOW }, false],
    ['without `iat`', {}, true],
    ['of another user', { sub: 'bob', iat: NOW - 1 }, false],
    ['of a service of that name', { iat: NOW - 1, scope: 'posthorn:send' }, false],
  ]
  test.each(cases)('%s', async (_name, claims, isRevoked) => {
    const { revocations, verify } = opened()
    const token = await sign(claims)
    await verify(token)
    revokeUser(revocations, 'alice', NOW * 1_000)
    const verdict = await verify(token).then(
      () => false,
      (error: unknown) => error instanceof PosthornError && error.code === 'token_revoked',
    )
    expect(verdict).toBe(isRevoked)
  })

  test('with a `jti` or an `iat` of another form are those without one', async () => {
    const { revocations, verify } = opened()
    const token = await sign({ jti: 7 })
    expect(await verify(token)).toMatchObject({
      identity: { token: undefined, issuedAt: undefined },
    })
    revokeUser(revocations, 'alice', 1)
    expect((await refusal(verify, token)).code).toBe('token_revoked')
  })

  test('the later of two times stands', async () => {
    const { revocations, verify } = opened()
    revokeUser(revocations, 'alice', NOW * 1_000)
    revokeUser(revocations, 'alice', 1)
    expect((await refusal(verify, sign({ iat: NOW - 1 }))).code).toBe('token_revoked')
  })

  test('a user whose name is the jti of a token is not meant by it', async () => {
    const { revocations, verify } = opened()
    revokeToken(revocations, 'alice')
    expect(await verify(await sign())).toBeDefined()
  })
})
