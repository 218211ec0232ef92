import { EventEmitter, once } from 'node:events'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { RemoteKeys, type KeyReport } from '../../src/auth/remote-keys.js'
import { createVerifier, type Verify } from '../../src/auth/verify.js'
import { PosthornError } from '../../src/protocol/errors.js'
import { issuer } from '../issuer.js'
import { IdentityProvider } from './identity-provider.js'
import { jwk, PAIRS, sign } from './tokens.js'

const TIMES = { cooldownMs: 10_000, refreshMs: 600_000, maxAgeMs: 3_600_000, timeoutMs: 5_000 }

let provider: IdentityProvider
let now: number
let reports: KeyReport[]
let keys: RemoteKeys
let verify: Verify
const reported = new EventEmitter()

beforeEach(async () => {
  provider = await IdentityProvider.start()
  provider.publish('first')
  now = 1_000
  reports = []
  keys = remoteKeys()
  // A clock that is not the stopwatch's: tokens don't age while the test moves the keys' time.
  verify = createVerifier({ issuers: [issuer(keys)], clock: Date.now })
})
afterEach(async () => {
  keys.close()
  await provider[Symbol.asyncDispose]()
})

function remoteKeys(times: Partial<typeof TIMES> = {}): RemoteKeys {
  return new RemoteKeys({
    url: provider.url,
    stopwatch: () => now,
    report: (event) => {
      reports.push(event)
      reported.emit('report')
    },
    times: { ...TIMES, ...times },
  })
}

/** Resolves when so many fetches have ended, also those that nobody waited for. */
async function ended(fetches: number): Promise<void> {
  while (reports.length < fetches) await once(reported, 'report')
}

/** What becomes of a token: the user whom it speaks for, or the code with which it is refused. */
async function outcome(token: string | Promise<string>, by = verify): Promise<string> {
  try {
    const principal = await by(await token)
    return principal.kind === 'user' ? principal.user : 'a service'
  } catch (error) {
    if (error instanceof PosthornError) return error.code
    throw error
  }
}

/** Each token is another one, so that none is believed by memory. */
let count = 0
const token = (kid: string, claims: Record<string, unknown> = {}) =>
  provider.sign(kid, { jti: String(count++), ...claims })

test('believes what a published key has signed, and fetches the keys once for all', async () => {
  expect(await outcome(token('first'))).toBe('alice')
  expect(await outcome(token('first', { sub: 'bob' }))).toBe('bob')
  expect(provider.fetches).toBe(1)
  expect(reports).toEqual([{ kind: 'fetched', host: new URL(provider.url).host, keys: 1 }])
})

test('serves a thousand tokens that wait at once by one fetch', async () => {
  provider.hold()
  const tokens = await Promise.all(Array.from({ length: 1_000 }, () => token('first')))
  const outcomes = Promise.all(tokens.map((text) => outcome(text)))
  await provider.asked(1)
  provider.release()
  expect(new Set(await outcomes)).toEqual(new Set(['alice']))
  expect(provider.fetches).toBe(1)
})

test('refuses what no published key has signed', async () => {
  await outcome(token('first'))
  const forged = await sign(
    {},
    { algorithm: 'ES256', key: PAIRS.ES256.privateKey, header: { kid: 'first' } },
  )
  expect(await outcome(forged)).toBe('invalid_token')
  expect(provider.fetches).toBe(1)
})

describe('a key that is not known', () => {
  beforeEach(async () => {
    await outcome(token('first'))
    provider.make('next')
  })

  test('is fetched, once the cooldown is over: rotation needs nobody', async () => {
    provider.publish('first', 'next')
    now += TIMES.cooldownMs
    expect(await outcome(token('next'))).toBe('alice')
    expect(await outcome(token('first'))).toBe('alice')
    expect(provider.fetches).toBe(2)
  })

  test('may be new within the cooldown: the token is not called bad, and the wait is told', async () => {
    provider.publish('first', 'next')
    now += TIMES.cooldownMs - 2_400
    const error: unknown = await token('next')
      .then(verify)
      .catch((error: unknown) => error)
    expect(error).toMatchObject({ code: 'keys_unavailable', retryAfterSeconds: 3 })
    expect(provider.fetches).toBe(1)
    now += 2_400
    expect(await outcome(token('next'))).toBe('alice')
  })

  test('is no excuse for a token that no key could mend', async () => {
    now += 1
    const past = Math.floor(Date.now() / 1_000) - 60
    expect(await outcome(token('next', { exp: past }))).toBe('token_expired')
    expect(await outcome(token('next', { exp: undefined }))).toBe('invalid_token')
    const numbered = sign(
      {},
      { algorithm: 'ES256', key: PAIRS.ES256.privateKey, header: { kid: 5 } },
    )
    expect(await outcome(numbered)).toBe('invalid_token')
    const named = createVerifier({ issuers: [issuer(keys, { name: 'login' })], clock: Date.now })
    expect(await outcome(token('next', { iss: 'other' }), named)).toBe('invalid_token')
    expect(provider.fetches).toBe(1)
  })

  test('is bad where a fetch that began after the token came has not brought it', async () => {
    now += TIMES.cooldownMs
    expect(await outcome(token('next'))).toBe('invalid_token')
    expect(provider.fetches).toBe(2)
  })

  test('is not called bad by a fetch that was under way when the token came', async () => {
    now += TIMES.cooldownMs
    provider.hold()
    const before = outcome(token('next'))
    await provider.asked(2)
    provider.publish('first', 'next')
    now += 5
    const after = outcome(token('next'))
    provider.release()
    expect([await before, await after]).toEqual(['invalid_token', 'keys_unavailable'])
    now += TIMES.cooldownMs
    expect(await outcome(token('next'))).toBe('alice')
  })

  test('costs one fetch a cooldown, however many there are, and whether or not it goes well', async () => {
    for (const mood of ['well', 'faulty'] as const) {
      provider.mood = mood
      const fetches = provider.fetches
      for (let cooldown = 1; cooldown <= 3; cooldown++) {
        now += TIMES.cooldownMs
        const flood = await Promise.all(Array.from({ length: 50 }, () => token('next')))
        const outcomes = await Promise.all(flood.map((text) => outcome(text)))
        now += 1
        outcomes.push(...(await Promise.all(flood.map((text) => outcome(text)))))
        expect(provider.fetches).toBe(fetches + cooldown)
        expect(outcomes.slice(50)).toEqual(Array(50).fill('keys_unavailable'))
        expect(await outcome(token('first'))).toBe('alice')
      }
    }
  })
})

describe('a provider that is down', () => {
  test('costs nothing while the keys are good, and then lets nobody in, without calling a token bad', async () => {
    await outcome(token('first'))
    provider.mood = 'faulty'
    for (let age = 60_000; age < TIMES.maxAgeMs; age += 60_000) {
      now += 60_000
      expect(await outcome(token('first'))).toBe('alice')
      if (age >= TIMES.refreshMs) await ended(1 + (age - TIMES.refreshMs) / 60_000 + 1)
    }
    expect(provider.fetches).toBe(51)
    now += 60_000
    expect(await outcome(token('first'))).toBe('keys_unavailable')
    expect(await outcome(token('first'))).toBe('keys_unavailable')

    provider.mood = 'well'
    now += TIMES.cooldownMs
    expect(await outcome(token('first'))).toBe('alice')
  })

  test('when the service starts answers `keys_unavailable` until it is up', async () => {
    provider.mood = 'faulty'
    expect(await outcome(token('first'))).toBe('keys_unavailable')
    provider.mood = 'well'
    now += TIMES.cooldownMs - 1
    expect(await outcome(token('first'))).toBe('keys_unavailable')
    expect(provider.fetches).toBe(1)
    now += 1
    expect(await outcome(token('first'))).toBe('alice')
    expect(reports.map(({ kind }) => kind)).toEqual(['failed', 'fetched'])
  })

  test('is given up when it does not answer in time', async () => {
    provider.mood = 'silent'
    const impatient = remoteKeys({ timeoutMs: 50 })
    const by = createVerifier({ issuers: [issuer(impatient)], clock: Date.now })
    expect(await outcome(token('first'), by)).toBe('keys_unavailable')
  })

  test('keeps nobody from closing', async () => {
    provider.mood = 'silent'
    const waiting = outcome(token('first'))
    await provider.asked(1)
    keys.close()
    keys.close()
    expect(await waiting).toBe('keys_unavailable')
    // What the service itself gave up is nobody's fault.
    expect(reports).toEqual([])
  })
})

test('looks anew before it uses keys that are old, so that one that was withdrawn serves no more', async () => {
  await outcome(token('first'))
  provider.publish('next')
  now += TIMES.refreshMs - 1
  expect(await outcome(token('first'))).toBe('alice')
  expect(provider.fetches).toBe(1)
  now += 1
  expect(await outcome(token('first'))).toBe('invalid_token')
  expect(await outcome(token('next'))).toBe('alice')
  expect(provider.fetches).toBe(2)
})

test('believes no token by memory when its key was withdrawn, or all are too old', async () => {
  provider.publish('first', 'second')
  const [kept, withdrawn] = [await token('first'), await token('second')]
  expect([await outcome(kept), await outcome(withdrawn)]).toEqual(['alice', 'alice'])
  provider.publish('first')
  now += TIMES.refreshMs
  // By memory still: nobody has looked since.
  expect(await outcome(withdrawn)).toBe('alice')
  expect(await outcome(token('first'))).toBe('alice')
  expect(provider.fetches).toBe(2)
  now += TIMES.cooldownMs
  expect([await outcome(kept), await outcome(withdrawn)]).toEqual(['alice', 'invalid_token'])
  provider.mood = 'faulty'
  now += TIMES.maxAgeMs
  expect(await outcome(kept)).toBe('keys_unavailable')
})

test('looks anew when a signature does not fit: a key may have been replaced under its own name', async () => {
  await outcome(token('first'))
  provider.make('first')
  provider.publish('first')
  expect(await outcome(token('first'))).toBe('invalid_token')
  expect(provider.fetches).toBe(1)
  now += TIMES.cooldownMs
  expect(await outcome(token('first'))).toBe('invalid_token')
  await ended(2)
  expect(await outcome(token('first'))).toBe('alice')
})

test('lets nobody wait for a provider that is known to be down', async () => {
  await outcome(token('first'))
  now += TIMES.refreshMs
  provider.mood = 'faulty'
  expect(await outcome(token('first'))).toBe('alice')
  await ended(2)
  now += TIMES.cooldownMs
  provider.hold()
  // Its answer is held back, and nobody waits for it.
  expect(await outcome(token('first'))).toBe('alice')
  await provider.asked(3)
  provider.release()
  await ended(3)
})

describe('an answer', () => {
  test.each<[string, (respond: (status: number, body: string) => void) => void]>([
    ['another status', (respond) => respond(404, '{"keys":[]}')],
    ['a redirect', (respond) => respond(302, '')],
    ['no JSON', (respond) => respond(200, '<html>')],
    ['no set of keys', (respond) => respond(200, '{"keys":5}')],
    ['a set without keys', (respond) => respond(200, '{"keys":[]}')],
    ['keys of no use here', (respond) => respond(200, '{"keys":[{"kty":"oct","k":"c2VjcmV0"},5]}')],
    ['more than 256 KiB', (respond) => respond(200, ' '.repeat(300_000) + '{"keys":[]}')],
  ])('that is %s brings no keys, and takes none away', async (_what, write) => {
    await outcome(token('first'))
    provider.mood = (response) => {
      write((status, body) => {
        response.writeHead(status, { location: '/elsewhere' }).end(body)
      })
    }
    now += TIMES.refreshMs
    expect(await outcome(token('first'))).toBe('alice')
    await ended(2)
    expect(await outcome(token('first'))).toBe('alice')
    expect(reports.slice(1).every(({ kind }) => kind === 'failed')).toBe(true)
    // The redirect was not followed.
    expect(provider.fetches).toBe(2)
  })

  test('may hold keys for other uses beside those that are used', async () => {
    const { publicKey, privateKey } = PAIRS.EdDSA
    provider.mood = (response) => {
      const set = [
        { kty: 'oct', k: 'c2VjcmV0' },
        { kty: 'AKP', alg: 'ML-DSA-44', pub: 'AA' },
        jwk(PAIRS.RS256.publicKey, { use: 'enc' }),
        jwk(PAIRS.ES384.publicKey, { key_ops: ['deriveKey'] }),
        jwk(PAIRS.ES512.privateKey, { kid: 'leaked' }),
        jwk(publicKey, { x5c: ['AA'], issuer: 'extra' }),
      ]
      response.end(JSON.stringify({ keys: set }))
    }
    const signed = { algorithm: 'EdDSA', key: privateKey }
    expect(await outcome(sign({}, signed))).toBe('alice')
    expect(keys.size).toBe(1)
    const encryptionKey = { algorithm: 'RS256', key: PAIRS.RS256.privateKey }
    expect(await outcome(sign({}, encryptionKey))).not.toBe('alice')
  })
})

test('takes a set that begins with a byte order mark', async () => {
  provider.mood = (response) => {
    response.end(`\ufeff${JSON.stringify({ keys: [jwk(PAIRS.ES256.publicKey)] })}`)
  }
  const signed = { algorithm: 'ES256', key: PAIRS.ES256.privateKey }
  expect(await outcome(sign({}, signed))).toBe('alice')
})

test('serves no shared secret, though a set may hold one', async () => {
  provider.mood = (response) =>
    response.end(
      JSON.stringify({ keys: [jwk(PAIRS.ES256.publicKey), { kty: 'oct', k: 'c2VjcmV0' }] }),
    )
  expect(await outcome(sign({}, { key: Buffer.from('secret') }))).toBe('invalid_token')
  expect(provider.fetches).toBe(0)
})
