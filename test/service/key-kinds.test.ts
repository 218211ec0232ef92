import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { SignJWT, type JWTPayload } from 'jose'
import { describe, expect, test } from 'vitest'
import { SECRET, startService, temporaryFolder, tokenFor, type TestService } from '../harness.js'

const RSA = generateKeyPairSync('rsa', { modulusLength: 2_048 })
const PAIRS: [string, { publicKey: KeyObject; privateKey: KeyObject }][] = [
  ['RS256', RSA],
  ['RS384', RSA],
  ['RS512', RSA],
  ['PS256', RSA],
  ['PS384', RSA],
  ['PS512', RSA],
  ['ES256', generateKeyPairSync('ec', { namedCurve: 'P-256' })],
  ['ES384', generateKeyPairSync('ec', { namedCurve: 'P-384' })],
  ['ES512', generateKeyPairSync('ec', { namedCurve: 'P-521' })],
  ['EdDSA', generateKeyPairSync('ed25519')],
]

function sign(
  algorithm: string,
  key: KeyObject | Uint8Array,
  { kid, ...claims }: JWTPayload & { kid?: string } = {},
): Promise<string> {
  return new SignJWT({ sub: 'alice', ...claims })
    .setProtectedHeader({ alg: algorithm, ...(kid !== undefined && { kid }) })
    .setExpirationTime('1h')
    .sign(key)
}

async function statusFor({ api }: TestService, token: string): Promise<number> {
  const answer = await api.request('/v1/inbox', { token })
  await answer.arrayBuffer()
  return answer.status
}

async function startWithFile(folder: string, text: string): Promise<TestService> {
  const file = join(folder, 'keys')
  writeFileSync(file, text)
  return startService({ environment: { JWT_SECRET: '', JWT_PUBLIC_KEY: file } })
}

describe('JWT_SECRET', () => {
  test('verifies HS256 and nothing else', async () => {
    // As long as HS512 asks for, so that it is the algorithm alone that is refused.
    const long = SECRET.repeat(2)
    await using service = await startService({ environment: { JWT_SECRET: long } })
    const secret = Buffer.from(long)
    expect(await statusFor(service, await sign('HS256', secret))).toBe(200)
    for (const algorithm of ['HS384', 'HS512']) {
      expect(await statusFor(service, await sign(algorithm, secret))).toBe(401)
    }
    for (const [algorithm, { privateKey }] of PAIRS) {
      expect(await statusFor(service, await sign(algorithm, privateKey))).toBe(401)
    }
    const other = await tokenFor('alice', {}, { secret: `${long}!` })
    expect(await statusFor(service, other)).toBe(401)
  })
})

test('a short secret, or none on an address that others can reach, stops the start', async () => {
  const short = startService({ environment: { JWT_SECRET: 'x'.repeat(31) } })
  await expect(short).rejects.toThrow(/^JWT_SECRET: /)
  const open = startService({ environment: { JWT_SECRET: '', HOST: '0.0.0.0' } })
  await expect(open).rejects.toThrow(/^HOST: /)
  await using service = await startService({ environment: { JWT_SECRET: 'ä'.repeat(16) } })
  const token = await sign('HS256', Buffer.from('ä'.repeat(16)))
  expect(await statusFor(service, token)).toBe(200)
})

describe('JWT_PUBLIC_KEY', () => {
  test.each(PAIRS)('verifies %s by a PEM and by a JWK', async (algorithm, pair) => {
    using folder = temporaryFolder()
    const texts = [
      pair.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
      JSON.stringify(pair.publicKey.export({ format: 'jwk' })),
    ]
    for (const text of texts) {
      await using service = await startWithFile(folder.path, text)
      await using client = await service.api.connect('alice', {
        token: await sign(algorithm, pair.privateKey),
      })
      expect((await client.first('welcome')).payload.user).toBe('alice')
      expect(await statusFor(service, await tokenFor('alice', {}, { secret: text }))).toBe(401)
    }
  })

  test('verifies by each key of a JWKS under its kid, and by none under that of another', async () => {
    using folder = temporaryFolder()
    const keys = PAIRS.filter(([algorithm]) => !/^(?:PS|RS[35])/.test(algorithm))
    const jwks = {
      keys: keys.map(([kid, { publicKey }]) => ({ ...publicKey.export({ format: 'jwk' }), kid })),
    }
    await using service = await startWithFile(folder.path, JSON.stringify(jwks))
    for (const [algorithm, { privateKey }] of keys) {
      expect(await statusFor(service, await sign(algorithm, privateKey, { kid: algorithm }))).toBe(
        200,
      )
      for (const kid of ['ES256', 'RS256', 'nobody'].filter((name) => name !== algorithm)) {
        expect(await statusFor(service, await sign(algorithm, privateKey, { kid }))).toBe(401)
      }
    }
  })
})

const ASKED: [Record<string, string>, JWTPayload, JWTPayload][] = [
  [{ JWT_ISSUER: 'https://a.example' }, { iss: 'https://a.example' }, { iss: 'https://b.example' }],
  [{ JWT_AUDIENCE: 'posthorn' }, { aud: ['x', 'posthorn'] }, { aud: 'x' }],
]

test.each(ASKED)(
  '%j, each by itself, is asked of every token',
  async (environment, right, wrong) => {
    await using service = await startService({ environment })
    expect(await statusFor(service, await tokenFor('alice', right))).toBe(200)
    for (const refused of [wrong, {}]) {
      expect(await statusFor(service, await tokenFor('alice', refused))).toBe(401)
    }
  },
)
