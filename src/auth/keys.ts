import { createPublicKey, createSecretKey, type KeyObject } from 'node:crypto'
import { createLocalJWKSet, type JWK, type JWTVerifyGetKey } from 'jose'
import * as z from 'zod/mini'

/** A key, or a choice of keys by the token's header, and the algorithms that they may be used with. */
export interface Keys {
  key: KeyObject | JWTVerifyGetKey
  /** From the kind of key alone, never from the token: RFC 8725 §3.1. */
  algorithms: readonly string[]
  /** Changes with the keys: what was verified by another generation is to be verified again. Absent where they never change. */
  generation?: number
  /** Told when a signature fits none of them. */
  missed?: () => void
}

/** Fewest bytes of a shared secret: as many as the hash has (RFC 7518 §3.2). */
export const MIN_SECRET_BYTES = 32

export function isLongSecret(secret: string): boolean {
  return Buffer.byteLength(secret) >= MIN_SECRET_BYTES
}

/** A shared secret: HS256 and nothing else. */
export function secretKeys(secret: string): Keys {
  if (!isLongSecret(secret)) throw new Error(`a secret has at least ${MIN_SECRET_BYTES} bytes`)
  return { key: createSecretKey(Buffer.from(secret)), algorithms: ['HS256'] }
}

/** Whether keys can be fetched from there: http(s), and no password, which a fetch would refuse and a log might show. */
export function isKeysUrl(text: string): boolean {
  const url = URL.parse(text)
  return (
    url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === ''
  )
}

/** Fewest bits of an RSA key: RFC 7518 §3.3. */
const MIN_RSA_BITS = 2_048

/** Every algorithm by which public keys are used here. */
export const PUBLIC_KEY_ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
] as const

const Text = z.exactOptional(z.string())

const NO_KEYS = 'is neither a PEM nor a JWK nor a JWKS of public keys'

/** What is read of a JWK: RFC 7517 §4, RFC 7518 §6, RFC 8037 §2. `d` stands in private keys only. */
const JwkSchema = z.object({
  kty: z.enum(['RSA', 'EC', 'OKP']),
  kid: Text,
  use: Text,
  key_ops: z.exactOptional(z.array(z.string())),
  alg: Text,
  n: Text,
  e: Text,
  crv: Text,
  x: Text,
  y: Text,
  d: Text,
})
const JwksSchema = z.object({ keys: z.array(JwkSchema).check(z.minLength(1)) })

/**
 * Public keys from the text of a PEM (SPKI or certificate), JWK or JWKS file.
 * @throws Error with what is wrong, for the operator
 */
export function publicKeys(text: string): Keys {
  if (text.includes('-----BEGIN')) {
    if (text.includes('PRIVATE KEY-----')) {
      throw new Error('holds a private key: give the public key alone')
    }
    const key = createPublicKey(text)
    return { key, algorithms: algorithmsOf(key) }
  }
  const json = parseJson(text, NO_KEYS)
  const set = JwksSchema.safeParse(json)
  if (set.success) {
    const keys = set.data.keys.map(usableJwk)
    return {
      key: createLocalJWKSet({ keys: keys.map(({ jwk }) => jwk) }),
      algorithms: [...new Set(keys.flatMap(({ algorithms }) => algorithms))],
    }
  }
  const single = JwkSchema.safeParse(json)
  if (!single.success) throw new Error(NO_KEYS)
  const { key, algorithms } = usableJwk(single.data)
  return { key, algorithms }
}

/**
 * The keys of a published set that can verify tokens, without what else their owner wrote beside them. Sets hold keys for
 * other uses too: those are passed over.
 * @throws Error where it is no JWKS, or none of its keys can be used
 */
export function usableKeys(text: string): JWK[] {
  const set = z.object({ keys: z.array(z.unknown()) }).safeParse(parseJson(text, 'is not JSON'))
  if (!set.success) throw new Error('is no JWKS')
  const keys = set.data.keys.flatMap((key) => {
    try {
      return [usableJwk(JwkSchema.parse(key)).jwk]
    } catch {
      return []
    }
  })
  if (keys.length === 0) throw new Error('holds no key that can verify a token')
  return keys
}

function usableJwk(given: z.infer<typeof JwkSchema>): {
  jwk: JWK
  key: KeyObject
  algorithms: readonly string[]
} {
  if (given.d !== undefined) throw new Error('holds a private key: give the public key alone')
  // RFC 7517 §4.2 and §4.3: a key for encryption verifies nothing.
  if ((given.use ?? 'sig') !== 'sig' || !(given.key_ops ?? ['verify']).includes('verify')) {
    throw new Error('holds a key for encryption, which signs no tokens')
  }
  const key = createPublicKey({ key: given, format: 'jwk' })
  const allowed = algorithmsOf(key)
  const { kid, use, alg } = given
  if (alg !== undefined && !allowed.includes(alg)) {
    throw new Error(`says alg ${alg}, which is not for its kind of key`)
  }
  const jwk = {
    ...key.export({ format: 'jwk' }),
    ...(kid !== undefined && { kid }),
    ...(use !== undefined && { use }),
    ...(alg !== undefined && { alg }),
  }
  return { jwk, key, algorithms: alg === undefined ? allowed : [alg] }
}

/** RFC 7518 §3.1 and RFC 8037 §3.1; RFC 9864 gives `Ed25519` its own name. */
function algorithmsOf(key: KeyObject): readonly string[] {
  switch (key.asymmetricKeyType) {
    case 'rsa':
      requireStrength(key)
      return ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']
    case 'rsa-pss':
      requireStrength(key)
      return ['PS256', 'PS384', 'PS512']
    case 'ed25519':
      return ['EdDSA', 'Ed25519']
    case 'ec':
      switch (key.asymmetricKeyDetails?.namedCurve) {
        case 'prime256v1':
          return ['ES256']
        case 'secp384r1':
          return ['ES384']
        case 'secp521r1':
          return ['ES512']
        default:
          throw new Error('holds a key on a curve that no JWT algorithm of ours uses')
      }
    default:
      throw new Error(
        `holds a key of kind ${key.asymmetricKeyType ?? 'unknown'}, which is not served`,
      )
  }
}

/** jose refuses every signature of a shorter one: better to say so at the start. By an exponent of 1 anyone signs. */
function requireStrength(key: KeyObject): void {
  const { modulusLength: bits = 0, publicExponent = 0n } = key.asymmetricKeyDetails ?? {}
  if (publicExponent < 3n) throw new Error('holds an RSA key whose exponent is less than 3')
  if (bits < MIN_RSA_BITS)
    throw new Error(`holds an RSA key of ${bits} bits, fewer than ${MIN_RSA_BITS}`)
}

function parseJson(text: string, complaint: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Error(complaint)
  }
}
