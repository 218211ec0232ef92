import { expect, test } from 'vitest'
import { FailedAttempts } from '../../src/auth/failed-attempts.js'
import { createVerifier, type Verify } from '../../src/auth/verify.js'
import { PosthornError } from '../../src/protocol/errors.js'
import { issuer } from '../issuer.js'
import { nothingRevoked } from '../nothing-revoked.js'
import { countedKeys, NOW, sign, unsigned } from './tokens.js'

interface Limited {
  verify: Verify
  /** How many signatures were looked at. */
  count: () => number
  /** Addresses that were told of. */
  shutOut: string[]
}

function limited(perMinute: number): Limited {
  const { keys, count } = countedKeys()
  const shutOut: string[] = []
  const verify = createVerifier({
    issuers: [issuer(keys)],
    clock: () => NOW * 1_000,
    revocations: nothingRevoked,
    attempts: new FailedAttempts(perMinute, (address) => shutOut.push(address)),
  })
  return { verify, count, shutOut }
}

const here = (): string => '203.0.113.9'
const there = (): string => '198.51.100.1'

/** The code with which it is refused. */
async function refusal(answer: Promise<unknown>): Promise<string> {
  const refused: unknown = await answer.then(
    () => new Error('it was not refused'),
    (error: unknown) => error,
  )
  if (refused instanceof PosthornError) return refused.code
  throw refused
}

/** A token that nobody signed, and that is new each time. */
let forged = 0
const forge = (): string =>
  unsigned({ alg: 'HS256' }, { sub: 'alice', exp: NOW + 60, jti: `${forged++}` }, 'AAAA')

test('looks at no signature from an address of which too many tokens were refused', async () => {
  const { verify, count } = limited(3)
  for (let attempt = 0; attempt < 3; attempt++) {
    expect(await refusal(verify(forge(), here))).toBe('invalid_token')
  }
  expect(count()).toBe(3)
  await expect(verify(forge(), here)).rejects.toMatchObject({
    code: 'rate_limited',
    retryAfterSeconds: 60,
  })
  expect(await refusal(verify(await sign(), here))).toBe('rate_limited')
  expect(count()).toBe(3)
  expect(await verify(await sign(), there)).toMatchObject({ user: 'alice' })
})

test('lets pass a token that is remembered, from wherever it comes', async () => {
  const { verify } = limited(1)
  const token = await sign()
  await verify(token, here)
  await refusal(verify(forge(), here))
  expect(await refusal(verify(forge(), here))).toBe('rate_limited')
  expect(await verify(token, here)).toMatchObject({ user: 'alice' })
})

test('tells of an address once, when it has no more attempts', async () => {
  const { verify, shutOut } = limited(2)
  await refusal(verify(forge(), here))
  expect(shutOut).toEqual([])
  for (let attempt = 0; attempt < 3; attempt++) await refusal(verify(forge(), here))
  expect(shutOut).toEqual(['203.0.113.9'])
})

test('counts a token that has expired for a tenth', async () => {
  const { verify } = limited(1)
  for (let attempt = 0; attempt < 10; attempt++) {
    const expired = await sign({ exp: NOW - 60, jti: `${attempt}` })
    expect(await refusal(verify(expired, here))).toBe('token_expired')
  }
  expect(await refusal(verify(await sign(), here))).toBe('rate_limited')
})

test('is not stopped from counting by what is left of less than an attempt', async () => {
  const { verify } = limited(1)
  await refusal(verify(await sign({ exp: NOW - 60 }), here))
  await refusal(verify(forge(), here))
  expect(await refusal(verify(forge(), here))).toBe('rate_limited')
})

test('counts nothing where keys can not be had, and nothing for who has no address', async () => {
  const unavailable = { kind: 'unavailable' }
  const { verify } = limited(1)
  for (let attempt = 0; attempt < 20; attempt++) {
    expect(await refusal(verify(forge(), () => undefined))).toBe('invalid_token')
    expect(await refusal(verify(forge()))).toBe('invalid_token')
  }
  const attempts = new FailedAttempts(1, () => undefined)
  for (const error of [new PosthornError('keys_unavailable', ''), new Error('x'), unavailable]) {
    await attempts.count('203.0.113.9', error)
  }
  await attempts.admit('203.0.113.9')
})
