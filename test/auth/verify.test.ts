import { createSecretKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { publicKeys, secretKeys } from '../../src/auth/keys.js'
import { hashOfName } from '../../src/auth/revocations.js'
import { SECRET } from '../harness.js'
import { jwk, NOW, PAIRS, pem, refusal, sign, signedByHand, unsigned, verifier } from './tokens.js'

const verify = verifier()

test('knows a user by `sub`', async () => {
  expect(await verify(await sign())).toEqual({
    kind: 'user',
    issuer: '',
    user: 'alice',
    device: undefined,
    topics: [],
    expiresAt: (NOW + 3_600) * 1_000,
    identity: { token: undefined, user: hashOfName('user', 'alice'), issuedAt: undefined },
  })
})

test('knows a service by its scopes, and its name by `iss` and `sub`', async () => {
  const claims = {
    sub: 'shop',
    iss: 'https://issuer.example',
    scope: 'posthorn:send posthorn:read',
    jti: 'one',
    iat: NOW,
  }
  expect(await verify(await sign(claims))).toEqual({
    kind: 'service',
    issuer: 'https://issuer.example',
    subject: 'shop',
    scopes: new Set(['posthorn:send', 'posthorn:read']),
    expiresAt: (NOW + 3_600) * 1_000,
    identity: { token: hashOfName('token', 'one'), user: undefined, issuedAt: NOW * 1_000 },
  })
})

const ASYMMETRIC: [string, { publicKey: KeyObject; privateKey: KeyObject }][] = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'].map(
    (algorithm): [string, typeof PAIRS.RS256] => [algorithm, PAIRS.RS256],
  ),
  ['ES256', PAIRS.ES256],
  ['ES384', PAIRS.ES384],
  ['ES512', PAIRS.ES512],
  ['EdDSA', PAIRS.EdDSA],
  ['Ed25519', PAIRS.EdDSA],
]

describe.each(ASYMMETRIC)('%s', (algorithm, { publicKey, privateKey }) => {
  test('is believed by the public key, from a PEM, a JWK and a JWKS', async () => {
    const token = await sign({}, { algorithm, key: privateKey })
    const texts = [
      pem(publicKey),
      JSON.stringify(jwk(publicKey)),
      JSON.stringify({ keys: [jwk(publicKey)] }),
    ]
    for (const text of texts) {
      const principal = await verifier({ keys: publicKeys(text) })(token)
      expect(principal).toMatchObject({ kind: 'user', user: 'alice' })
    }
  })

  test('is refused where another key has signed, and where the claims were changed', async () => {
    const byKey = verifier({ keys: publicKeys(pem(publicKey)) })
    const token = await sign({}, { algorithm, key: privateKey })
    const [header = '', , signature = ''] = token.split('.')
    const [, mallory = ''] = (await sign({ sub: 'mallory' })).split('.')
    expect((await refusal(byKey, `${header}.${mallory}.${signature}`)).code).toBe('invalid_token')
    expect((await refusal(byKey, `${header}.${mallory}.`)).code).toBe('invalid_token')
    expect((await refusal(verify, token)).code).toBe('invalid_token')
  })
})

test('refuses HS256 signed with the text of the public key, in each of its spellings', async () => {
  const spki = pem(PAIRS.RS256.publicKey)
  const der = PAIRS.RS256.publicKey.export({ type: 'spki', format: 'der' })
  const keys = [spki, spki.trim(), JSON.stringify(jwk(PAIRS.RS256.publicKey))].map((text) =>
    Buffer.from(text),
  )
  for (const form of [spki, JSON.stringify({ keys: [jwk(PAIRS.RS256.publicKey)] })]) {
    const byKey = verifier({ keys: publicKeys(form) })
    for (const key of [...keys, der]) {
      expect((await refusal(byKey, sign({}, { key }))).code).toBe('invalid_token')
    }
  }
})

test('refuses other algorithms by the same secret', async () => {
  for (const algorithm of ['HS384', 'HS512']) {
    const key = Buffer.alloc(64, 'k')
    const byKey = verifier({ keys: secretKeys(key.toString()) })
    expect((await refusal(byKey, sign({}, { algorithm, key }))).code).toBe('invalid_token')
  }
})

test.each(['none', 'None', 'NONE', '', 'HS256'])(
  'refuses a token without a signature that says alg %j',
  async (alg) => {
    const token = unsigned({ alg }, { sub: 'alice', exp: NOW + 60 })
    for (const believer of [verify, verifier({ keys: publicKeys(pem(PAIRS.RS256.publicKey)) })]) {
      expect((await refusal(believer, token)).code).toBe('invalid_token')
    }
  },
)

test('refuses another secret', async () => {
  const key = Buffer.from(`${SECRET}!`)
  expect((await refusal(verify, sign({}, { key }))).code).toBe('invalid_token')
})

describe('a header of the token', () => {
  const mallory = generateKeyPairSync('ec', { namedCurve: 'P-256' })

  test('never brings its own key: `jwk`, `jku`, `x5u`, `x5c` and `kid` are not followed', async () => {
    // Whoever fetched a key here would fail with another error than the signature's.
    const url = 'http://127.0.0.1:1/jwks.json'
    const headers = [
      { jwk: mallory.publicKey.export({ format: 'jwk' }) },
      { jku: url },
      { x5u: url },
      { x5c: ['AAAA'] },
      { kid: '/dev/null' },
      { kid: `${'../'.repeat(9)}dev/null` },
      { kid: url },
    ]
    const believers = [
      verify,
      verifier({ keys: publicKeys(pem(PAIRS.ES256.publicKey)) }),
      verifier({ keys: publicKeys(JSON.stringify({ keys: [jwk(PAIRS.ES256.publicKey)] })) }),
    ]
    for (const header of headers) {
      const signed = { algorithm: 'ES256', key: mallory.privateKey, header }
      const empty = { key: createSecretKey(Buffer.alloc(1)), header }
      for (const believer of believers) {
        expect((await refusal(believer, sign({}, signed))).code).toBe('invalid_token')
        expect((await refusal(believer, sign({}, empty))).code).toBe('invalid_token')
      }
    }
  })

  test('may name a kid, a typ and a jku that nobody needs', async () => {
    const header = { kid: 'any', typ: 'at+jwt', jku: 'http://127.0.0.1:1/' }
    await expect(verify(await sign({}, { header }))).resolves.toMatchObject({ user: 'alice' })
  })

  test.each([
    [['exp']],
    [['posthorn']],
    [['alg']],
    [[]],
    [['b64', 'posthorn']],
    ['posthorn'],
    [null],
  ])(
    'may not make %j critical, which is not understood here, though the signature is right',
    async (crit) => {
      const header = { alg: 'HS256', crit, exp: NOW, posthorn: 1, b64: true }
      const token = signedByHand(header, { sub: 'alice', exp: NOW + 60 })
      expect((await refusal(verify, token)).code).toBe('invalid_token')
    },
  )

  test('may not say that the claims are not encoded (RFC 7797 §7)', async () => {
    const header = { alg: 'HS256', crit: ['b64'], b64: false }
    const token = signedByHand(header, { sub: 'alice', exp: NOW + 60 })
    expect((await refusal(verify, token)).code).toBe('invalid_token')
  })
})

test('believes a token that was signed by hand, so that the others are refused for what they say', async () => {
  const token = signedByHand({ alg: 'HS256' }, { sub: 'alice', exp: NOW + 60 })
  await expect(verify(token)).resolves.toMatchObject({ user: 'alice' })
})

test.each([
  '',
  '.',
  '..',
  'a.b.c',
  'a.b',
  'a.b.c.d.e',
  '\u0000',
  'ä.ö.ü',
  `${Buffer.from('null').toString('base64url')}.e30.AA`,
  `${Buffer.from('{"alg":5}').toString('base64url')}.e30.AA`,
])('refuses %j, which is no token', async (token) => {
  expect((await refusal(verify, token)).code).toBe('invalid_token')
})

test.each([[[]], [[{ sub: 'alice', exp: NOW + 60 }]], [Object('text')], [new Date(0)]])(
  'refuses the claims %j, which are no object',
  async (claims: object) => {
    const token = signedByHand({ alg: 'HS256' }, claims)
    expect((await refusal(verify, token)).code).toBe('invalid_token')
  },
)

test.each([
  { sub: 'alice', exp: String(NOW + 60) },
  { sub: 5, exp: NOW + 60 },
  { sub: ['alice'], exp: NOW + 60 },
  { sub: 'alice', exp: NOW + 60, iss: 5 },
  { sub: 'alice', exp: NOW + 60, nbf: 'now' },
  { sub: 'alice', exp: null },
])('refuses claims of the wrong type: %j', async (claims) => {
  const token = signedByHand({ alg: 'HS256' }, claims)
  expect((await refusal(verify, token)).code).toBe('invalid_token')
})

const padded = (length: number) => sign({ padding: 'x'.repeat(length) })

test('refuses a token of more than 8 KiB, and takes one of just less', async () => {
  expect((await padded(5_900)).length).toBeLessThan(8_192)
  await expect(verify(await padded(5_900))).resolves.toMatchObject({ user: 'alice' })
  expect((await refusal(verify, padded(6_200))).message).toBe('The token is too long.')
})

test('never says what the token holds when it refuses it', async () => {
  const tokens = [
    await sign({ sub: 'a-secret-name\n' }),
    await sign({ exp: NOW - 3_600, secret: 'a-secret-name' }),
    await sign({ device: 'a secret name' }),
    await sign({ nbf: NOW + 3_600 }),
    unsigned({ alg: 'a-secret-name' }, {}),
  ]
  for (const token of tokens) {
    const { message, violations } = await refusal(verify, token)
    expect(violations).toBeUndefined()
    expect(message).not.toMatch(/secret/)
    for (const part of token.split('.').filter(Boolean)) expect(message).not.toContain(part)
  }
})
