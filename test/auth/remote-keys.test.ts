import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createVerifier } from '../../src/auth/verify.js'
import { issuer } from '../issuer.js'
import { PublishedKeys, TIMES } from './published-keys.js'
import { PAIRS, sign } from './tokens.js'
import { nothingRevoked } from '../nothing-revoked.js'

let published: PublishedKeys
beforeEach(async () => {
  published = await PublishedKeys.publish()
})
afterEach(() => published[Symbol.asyncDispose]())

test('believes what a published key has signed, and fetches the keys once for all', async () => {
  expect(await published.outcome(published.token('first'))).toBe('alice')
  expect(await published.outcome(published.token('first', { sub: 'bob' }))).toBe('bob')
  expect(published.provider.fetches).toBe(1)
  expect(published.reports).toEqual([
    { kind: 'fetched', host: new URL(published.provider.url).host, keys: 1 },
  ])
})

test('serves a thousand tokens that wait at once by one fetch', async () => {
  published.provider.hold()
  const tokens = await Promise.all(Array.from({ length: 1_000 }, () => published.token('first')))
  const outcomes = Promise.all(tokens.map((text) => published.outcome(text)))
  await published.provider.asked(1)
  published.provider.release()
  expect(new Set(await outcomes)).toEqual(new Set(['alice']))
  expect(published.provider.fetches).toBe(1)
})

test('refuses what no published key has signed', async () => {
  await published.outcome(published.token('first'))
  const forged = await sign(
    {},
    { algorithm: 'ES256', key: PAIRS.ES256.privateKey, header: { kid: 'first' } },
  )
  expect(await published.outcome(forged)).toBe('invalid_token')
  expect(published.provider.fetches).toBe(1)
})

describe('a key that is not known', () => {
  beforeEach(async () => {
    await published.outcome(published.token('first'))
    published.provider.make('next')
  })

  test('is fetched, once the cooldown is over: rotation needs nobody', async () => {
    published.provider.publish('first', 'next')
    published.pass(TIMES.cooldownMs)
    expect(await published.outcome(published.token('next'))).toBe('alice')
    expect(await published.outcome(published.token('first'))).toBe('alice')
    expect(published.provider.fetches).toBe(2)
  })

  test('may be new within the cooldown: the token is not called bad, and the wait is told', async () => {
    published.provider.publish('first', 'next')
    published.pass(TIMES.cooldownMs - 2_400)
    const error: unknown = await published
      .token('next')
      .then(published.verify)
      .catch((error: unknown) => error)
    expect(error).toMatchObject({ code: 'keys_unavailable', retryAfterSeconds: 3 })
    expect(published.provider.fetches).toBe(1)
    published.pass(2_400)
    expect(await published.outcome(published.token('next'))).toBe('alice')
  })

  test('is no excuse for a token that no key could mend', async () => {
    published.pass(1)
    const past = Math.floor(Date.now() / 1_000) - 60
    expect(await published.outcome(published.token('next', { exp: past }))).toBe('token_expired')
    expect(await published.outcome(published.token('next', { exp: undefined }))).toBe(
      'invalid_token',
    )
    const numbered = sign(
      {},
      { algorithm: 'ES256', key: PAIRS.ES256.privateKey, header: { kid: 5 } },
    )
    expect(await published.outcome(numbered)).toBe('invalid_token')
    const named = createVerifier({
      issuers: [issuer(published.keys, { name: 'login' })],
      clock: Date.now,
      revocations: nothingRevoked,
    })
    expect(await published.outcome(published.token('next', { iss: 'other' }), named)).toBe(
      'invalid_token',
    )
    expect(published.provider.fetches).toBe(1)
  })

  test('is bad where a fetch that began after the token came has not brought it', async () => {
    published.pass(TIMES.cooldownMs)
    expect(await published.outcome(published.token('next'))).toBe('invalid_token')
    expect(published.provider.fetches).toBe(2)
  })

  test('is not called bad by a fetch that was under way when the token came', async () => {
    published.pass(TIMES.cooldownMs)
    published.provider.hold()
    const before = published.outcome(published.token('next'))
    await published.provider.asked(2)
    published.provider.publish('first', 'next')
    published.pass(5)
    // Signed before, so that it comes while the fetch is still under way.
    const late = await published.token('next')
    const after = published.outcome(late)
    published.provider.release()
    expect([await before, await after]).toEqual(['invalid_token', 'keys_unavailable'])
    published.pass(TIMES.cooldownMs)
    expect(await published.outcome(published.token('next'))).toBe('alice')
  })

  test('costs one fetch a cooldown, however many there are, and whether or not it goes well', async () => {
    for (const mood of ['well', 'faulty'] as const) {
      published.provider.mood = mood
      const fetches = published.provider.fetches
      for (let cooldown = 1; cooldown <= 3; cooldown++) {
        published.pass(TIMES.cooldownMs)
        const flood = await Promise.all(Array.from({ length: 50 }, () => published.token('next')))
        const outcomes = await Promise.all(flood.map((text) => published.outcome(text)))
        published.pass(1)
        outcomes.push(...(await Promise.all(flood.map((text) => published.outcome(text)))))
        expect(published.provider.fetches).toBe(fetches + cooldown)
        expect(outcomes.slice(50)).toEqual(Array(50).fill('keys_unavailable'))
        expect(await published.outcome(published.token('first'))).toBe('alice')
      }
    }
  })
})

describe('a provider that is down', () => {
  test('costs nothing while the keys are good, and then lets nobody in, without calling a token bad', async () => {
    await published.outcome(published.token('first'))
    published.provider.mood = 'faulty'
    for (let age = 60_000; age < TIMES.maxAgeMs; age += 60_000) {
      published.pass(60_000)
      expect(await published.outcome(published.token('first'))).toBe('alice')
      if (age >= TIMES.refreshMs) await published.ended(1 + (age - TIMES.refreshMs) / 60_000 + 1)
    }
    expect(published.provider.fetches).toBe(51)
    published.pass(60_000)
    expect(await published.outcome(published.token('first'))).toBe('keys_unavailable')
    expect(await published.outcome(published.token('first'))).toBe('keys_unavailable')

    published.provider.mood = 'well'
    published.pass(TIMES.cooldownMs)
    expect(await published.outcome(published.token('first'))).toBe('alice')
  })

  test('when the service starts answers `keys_unavailable` until it is up', async () => {
    published.provider.mood = 'faulty'
    expect(await published.outcome(published.token('first'))).toBe('keys_unavailable')
    published.provider.mood = 'well'
    published.pass(TIMES.cooldownMs - 1)
    expect(await published.outcome(published.token('first'))).toBe('keys_unavailable')
    expect(published.provider.fetches).toBe(1)
    published.pass(1)
    expect(await published.outcome(published.token('first'))).toBe('alice')
    expect(published.reports.map(({ kind }) => kind)).toEqual(['failed', 'fetched'])
  })

  test('is given up when it does not answer in time', async () => {
    await using impatient = await PublishedKeys.publish({ ...TIMES, timeoutMs: 50 })
    impatient.provider.mood = 'silent'
    expect(await impatient.outcome(impatient.token('first'))).toBe('keys_unavailable')
  })

  test('keeps nobody from closing', async () => {
    published.provider.mood = 'silent'
    const waiting = published.outcome(published.token('first'))
    await published.provider.asked(1)
    published.keys.close()
    published.keys.close()
    expect(await waiting).toBe('keys_unavailable')
    // What the service itself gave up is nobody's fault.
    expect(published.reports).toEqual([])
  })
})
