import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { MIN_SECRET_BYTES, publicKeys, secretKeys, usableKeys } from '../../src/auth/keys.js'
import { jwk, NOW, PAIRS, pem, refusal, sign, verifier } from './tokens.js'

const RSA = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']
const KINDS: [string, { publicKey: KeyObject; privateKey: KeyObject }, string[]][] = [
  ['RSA', PAIRS.RS256, RSA],
  ['P-256', PAIRS.ES256, ['ES256']],
  ['P-384', PAIRS.ES384, ['ES384']],
  ['P-521', PAIRS.ES512, ['ES512']],
  ['Ed25519', PAIRS.EdDSA, ['EdDSA', 'Ed25519']],
]

describe('a secret', () => {
  test('serves HS256 and nothing else', () => {
    expect(secretKeys('x'.repeat(MIN_SECRET_BYTES)).algorithms).toEqual(['HS256'])
  })

  test('has at least 32 bytes, counted as UTF-8, and is not repeated when it is too short', () => {
    expect(() => secretKeys('ä'.repeat(16))).not.toThrow()
    expect(() => secretKeys('s'.repeat(31))).toThrow(/at least 32 bytes/)
    expect(() => secretKeys('s'.repeat(31))).not.toThrow(/sss/)
    expect(() => secretKeys('')).toThrow(/at least 32 bytes/)
  })
})

describe.each(KINDS)('a public key of kind %s', (_kind, { publicKey, privateKey }, algorithms) => {
  test.each<[string, (key: KeyObject) => string]>([
    ['a PEM', pem],
    ['a PEM with words around it', (key) => `issuer: shop\n${pem(key)}\n`],
    ['a JWK', (key) => JSON.stringify(jwk(key))],
    ['a JWKS', (key) => JSON.stringify({ keys: [jwk(key)] })],
  ])('is read from %s, with the algorithms of its kind alone', (_form, write) => {
    expect(publicKeys(write(publicKey)).algorithms).toEqual(algorithms)
  })

  test.each<[string, string]>([
    ['a PEM', privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()],
    ['a JWK', JSON.stringify(jwk(privateKey))],
    ['a JWKS', JSON.stringify({ keys: [jwk(publicKey), jwk(privateKey)] })],
  ])('is refused where %s holds its private half', (_form, text) => {
    expect(() => publicKeys(text)).toThrow(/private key/)
  })
})

test('reads the other PEM forms of an RSA key: PKCS#1, and RSASSA-PSS for PS* alone', () => {
  const pkcs1 = PAIRS.RS256.publicKey.export({ type: 'pkcs1', format: 'pem' }).toString()
  expect(publicKeys(pkcs1).algorithms).toEqual(RSA)
  const pss = generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).publicKey
  expect(publicKeys(pem(pss)).algorithms).toEqual(['PS256', 'PS384', 'PS512'])
})

test('refuses an RSA key by whose exponent anyone could sign', () => {
  const weak = { ...jwk(PAIRS.RS256.publicKey), e: 'AQ' }
  expect(() => publicKeys(JSON.stringify(weak))).toThrow(/exponent/)
  expect(() => usableKeys(JSON.stringify({ keys: [weak] }))).toThrow(/no key/)
})

test('refuses older PEM forms of a private key too', () => {
  const { privateKey } = PAIRS.RS256
  const pkcs1 = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString()
  const sec1 = PAIRS.ES256.privateKey.export({ type: 'sec1', format: 'pem' }).toString()
  const encrypted = privateKey
    .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'p' })
    .toString()
  for (const text of [pkcs1, sec1, encrypted]) {
    expect(() => publicKeys(text)).toThrow(/private key/)
  }
})

test('never names the private key that it refuses', () => {
  const { d = '' } = PAIRS.ES256.privateKey.export({ format: 'jwk' })
  const text = JSON.stringify(jwk(PAIRS.ES256.privateKey))
  expect(d).not.toBe('')
  expect(() => publicKeys(text)).not.toThrow(d)
})

test('takes the one algorithm that a JWK names', () => {
  const named = jwk(PAIRS.RS256.publicKey, { alg: 'PS512', use: 'sig', kid: 'a' })
  expect(publicKeys(JSON.stringify(named)).algorithms).toEqual(['PS512'])
  expect(publicKeys(JSON.stringify({ keys: [named] })).algorithms).toEqual(['PS512'])
})

test.each(['HS256', 'none', 'ES256', 'RSA-OAEP'])('refuses an RSA key that says alg %s', (alg) => {
  const text = JSON.stringify(jwk(PAIRS.RS256.publicKey, { alg }))
  expect(() => publicKeys(text)).toThrow(new RegExp(`alg ${alg}`))
})

test('refuses a secret written as a JWK, alone or among public keys', () => {
  const secret = { kty: 'oct', k: Buffer.alloc(32, 'k').toString('base64url') }
  expect(() => publicKeys(JSON.stringify(secret))).toThrow(/neither/)
  const mixed = { keys: [jwk(PAIRS.ES256.publicKey), secret] }
  expect(() => publicKeys(JSON.stringify(mixed))).toThrow(/neither/)
})

test.each<[string, KeyObject]>([
  ['secp256k1', generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey],
  ['Ed448', generateKeyPairSync('ed448').publicKey],
  ['X25519', generateKeyPairSync('x25519').publicKey],
])('refuses a key on %s', (_curve, key) => {
  expect(() => publicKeys(pem(key))).toThrow(/^holds a key/)
  expect(() => publicKeys(JSON.stringify(jwk(key)))).toThrow(/^holds a key/)
})

test.each([
  '',
  'junk',
  'null',
  '5',
  '[]',
  '{}',
  '{"keys":[]}',
  '{"keys":{}}',
  '{"keys":["x"]}',
  '{"kty":"RSA"}',
  '{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}',
  '{"kty":"OKP","crv":"Ed25519","x":""}',
  '-----BEGIN PUBLIC KEY-----',
  '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----',
])('refuses %j with a reason', (text) => {
  expect(() => publicKeys(text)).toThrow(/./)
})

const signed = (pair: { privateKey: KeyObject }, kid: string, algorithm = 'ES256') =>
  sign({}, { algorithm, key: pair.privateKey, header: { kid } })

describe('a JWKS', () => {
  const [one, two] = [PAIRS.ES256, generateKeyPairSync('ec', { namedCurve: 'P-256' })]
  const set = {
    keys: [
      jwk(one.publicKey, { kid: 'one' }),
      jwk(two.publicKey, { kid: 'two' }),
      jwk(PAIRS.RS256.publicKey, { kid: 'three', alg: 'RS256' }),
    ],
  }
  const verify = verifier({ keys: publicKeys(JSON.stringify(set)) })

  test('lets each key verify what it has signed, by its kid', async () => {
    await expect(verify(await signed(one, 'one'))).resolves.toMatchObject({ user: 'alice' })
    await expect(verify(await signed(two, 'two'))).resolves.toMatchObject({ user: 'alice' })
    const third = await signed(PAIRS.RS256, 'three', 'RS256')
    await expect(verify(third)).resolves.toMatchObject({ user: 'alice' })
  })

  test('refuses the kid of another key, and one that is not there', async () => {
    for (const kid of ['two', 'three', 'four', '', '__proto__', '../one']) {
      expect((await refusal(verify, signed(one, kid))).code).toBe('invalid_token')
    }
  })

  test('refuses another algorithm than the one that a key names', async () => {
    const token = signed(PAIRS.RS256, 'three', 'PS256')
    expect((await refusal(verify, token)).code).toBe('invalid_token')
  })

  test('tries each key of its kind on a token that names none', async () => {
    const nameless = { keys: [one, two, PAIRS.RS256].map(({ publicKey }) => jwk(publicKey)) }
    const byAny = verifier({ keys: publicKeys(JSON.stringify(nameless)) })
    for (const pair of [one, two]) {
      const token = await sign({}, { algorithm: 'ES256', key: pair.privateKey })
      await expect(byAny(token)).resolves.toMatchObject({ user: 'alice' })
      const late = sign({ exp: NOW - 60 }, { algorithm: 'ES256', key: pair.privateKey })
      expect((await refusal(byAny, late)).code).toBe('token_expired')
    }
    const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
    const forged = sign({}, { algorithm: 'ES256', key: stranger })
    expect((await refusal(byAny, forged)).code).toBe('invalid_token')
  })
})
