import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { PublishedKeys, TIMES } from './published-keys.js'
import { jwk, PAIRS, sign } from './tokens.js'

let published: PublishedKeys
beforeEach(async () => {
  published = await PublishedKeys.publish()
})
afterEach(() => published[Symbol.asyncDispose]())

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
    await published.outcome(published.token('first'))
    published.provider.mood = (response) => {
      write((status, body) => {
        response.writeHead(status, { location: '/elsewhere' }).end(body)
      })
    }
    published.pass(TIMES.refreshMs)
    expect(await published.outcome(published.token('first'))).toBe('alice')
    await published.ended(2)
    expect(await published.outcome(published.token('first'))).toBe('alice')
    expect(published.reports.slice(1).every(({ kind }) => kind === 'failed')).toBe(true)
    // The redirect was not followed.
    expect(published.provider.fetches).toBe(2)
  })

  test('may hold keys for other uses beside those that are used', async () => {
    const { publicKey, privateKey } = PAIRS.EdDSA
    published.provider.mood = (response) => {
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
    expect(await published.outcome(sign({}, signed))).toBe('alice')
    expect(published.keys.size).toBe(1)
    const encryptionKey = { algorithm: 'RS256', key: PAIRS.RS256.privateKey }
    expect(await published.outcome(sign({}, encryptionKey))).not.toBe('alice')
  })
})

test('takes a set that begins with a byte order mark', async () => {
  published.provider.mood = (response) => {
    response.end(`\ufeff${JSON.stringify({ keys: [jwk(PAIRS.ES256.publicKey)] })}`)
  }
  const signed = { algorithm: 'ES256', key: PAIRS.ES256.privateKey }
  expect(await published.outcome(sign({}, signed))).toBe('alice')
})

test('serves no shared secret, though a set may hold one', async () => {
  published.provider.mood = (response) =>
    response.end(
      JSON.stringify({ keys: [jwk(PAIRS.ES256.publicKey), { kty: 'oct', k: 'c2VjcmV0' }] }),
    )
  expect(await published.outcome(sign({}, { key: Buffer.from('secret') }))).toBe('invalid_token')
  expect(published.provider.fetches).toBe(0)
})
