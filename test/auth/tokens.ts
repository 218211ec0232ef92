import { createHmac, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { SignJWT } from 'jose'
import { PosthornError } from '../../src/protocol/errors.js'
import { secretKeys, type Keys } from '../../src/auth/keys.js'
import type { Issuer } from '../../src/auth/issuers.js'
import { createVerifier, type Verify } from '../../src/auth/verify.js'
import { SECRET } from '../harness.js'
import { issuer } from '../issuer.js'
import { nothingRevoked } from '../nothing-revoked.js'

/** When these tests take place, in seconds since 1970. */
export const NOW = 1_800_000_000

export interface Signed {
  algorithm?: string
  key?: KeyObject | Uint8Array
  header?: Record<string, unknown>
}

/** A token of user `alice` that ends an hour after `NOW`, by the tests' secret. */
export function sign(claims: Record<string, unknown> = {}, signed: Signed = {}): Promise<string> {
  const { algorithm = 'HS256', key = Buffer.from(SECRET), header = {} } = signed
  return new SignJWT({ sub: 'alice', exp: NOW + 3_600, ...claims })
    .setProtectedHeader({ ...header, alg: algorithm })
    .sign(key)
}

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** A token in its three parts as they are given, with no care for what is right. */
export function unsigned(header: object, claims: object, signature = ''): string {
  return `${part(header)}.${part(claims)}.${signature}`
}

/** A token with any header and claims, rightly signed by HS256 and the tests' secret. */
export function signedByHand(header: object, claims: object): string {
  const body = unsigned(header, claims).slice(0, -1)
  return `${body}.${createHmac('sha256', SECRET).update(body).digest('base64url')}`
}

/** A verifier with one issuer, by default whoever has the tests' secret. */
export function verifier({
  keys = secretKeys(SECRET),
  clock = () => NOW * 1_000,
  ...said
}: Partial<Issuer> & { clock?: () => number } = {}): Verify {
  return createVerifier({ issuers: [issuer(keys, said)], clock, revocations: nothingRevoked })
}

/** The error code that a token is refused with; fails where it is believed. */
export async function refusal(
  verify: Verify,
  token: string | Promise<string>,
): Promise<PosthornError> {
  try {
    await verify(await token)
  } catch (error) {
    if (error instanceof PosthornError) return error
    throw error
  }
  throw new Error('the token was believed')
}

/** Keys that are asked for once for each signature that is checked, and how often that was. */
export function countedKeys(): { keys: Keys; count: () => number } {
  const { key, algorithms } = secretKeys(SECRET)
  if (typeof key === 'function') throw new Error('a secret is one key')
  let checks = 0
  const choose = (): Promise<KeyObject> => {
    checks++
    return Promise.resolve(key)
  }
  return { keys: { key: choose, algorithms }, count: () => checks }
}

/** One pair of each kind that is served, by the algorithm that it is made for. */
export const PAIRS = {
  RS256: generateKeyPairSync('rsa', { modulusLength: 2048 }),
  ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  ES384: generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  ES512: generateKeyPairSync('ec', { namedCurve: 'P-521' }),
  EdDSA: generateKeyPairSync('ed25519'),
}

export function pem(key: KeyObject): string {
  return key.export({ type: 'spki', format: 'pem' }).toString()
}

/** A public key as JSON, with what an issuer writes beside it. */
export function jwk(key: KeyObject, beside: Record<string, unknown> = {}): object {
  return { ...key.export({ format: 'jwk' }), ...beside }
}
