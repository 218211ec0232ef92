import {
  createHmac,
  generateKeyPairSync,
  sign as signBytes,
  type JsonWebKey,
  type KeyObject,
} from 'node:crypto'

export const ISSUER = 'https://issuer.example'
export const AUDIENCE = 'posthorn'

/** The key that the service trusts, and one of somebody else. */
const TRUSTED = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
const MALLORY = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
const MALLORY_RSA = generateKeyPairSync('rsa', { modulusLength: 2_048 })

export const TRUSTED_PEM = TRUSTED.publicKey.export({ type: 'spki', format: 'pem' }).toString()

type Part = Record<string, unknown>

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** Claims of user `alice` that lack nothing. */
function claims(own: Part = {}): Part {
  const exp = Math.floor(Date.now() / 1_000) + 600
  return { sub: 'alice', iss: ISSUER, aud: AUDIENCE, exp, ...own }
}

/** A token with any header and claims, signed with ES256, whatever its header says. */
export function es256(header: Part, own: Part = {}, key: KeyObject = TRUSTED.privateKey): string {
  const body = `${encode({ alg: 'ES256', ...header })}.${encode(claims(own))}`
  const signature = signBytes('sha256', Buffer.from(body), { key, dsaEncoding: 'ieee-p1363' })
  return `${body}.${signature.toString('base64url')}`
}

/** A token signed with HMAC and a secret that is none: what whoever knows the public key can make. */
function hmac(alg: string, hash: string, secret: string | Buffer): string {
  const body = `${encode({ alg })}.${encode(claims())}`
  return `${body}.${createHmac(hash, secret).update(body).digest('base64url')}`
}

function rs256(header: Part): string {
  const body = `${encode({ alg: 'RS256', ...header })}.${encode(claims())}`
  return `${body}.${signBytes('sha256', Buffer.from(body), MALLORY_RSA.privateKey).toString('base64url')}`
}

function unsigned(alg: string): string {
  return `${encode({ alg })}.${encode(claims())}.`
}

/** Mallory's public key as a JWK set, for whoever would be so kind as to fetch or follow it. */
export function malloryJwks(): { keys: JsonWebKey[] } {
  return { keys: [{ ...MALLORY.publicKey.export({ format: 'jwk' }), kid: 'mallory' }] }
}

function tampered(): string {
  const [header = '', , signature = ''] = es256({}).split('.')
  return `${header}.${encode(claims({ sub: 'bob' }))}.${signature}`
}

/** A header that says one thing twice, which readers of JSON take differently (RFC 8259 §4), signed by somebody else. */
function twice(name: string, first: string, second: string): string {
  const header = Buffer.from(`{"${name}":${first},"${name}":${second}}`).toString('base64url')
  const body = `${header}.${encode(claims())}`
  return `${body}.${signBytes('sha256', Buffer.from(body), MALLORY.privateKey).toString('base64url')}`
}

/** A token that holds a good one in place of claims. */
function nested(): string {
  const body = `${encode({ alg: 'ES256', cty: 'JWT' })}.${Buffer.from(es256({})).toString('base64url')}`
  const key = { key: TRUSTED.privateKey, dsaEncoding: 'ieee-p1363' as const }
  return `${body}.${signBytes('sha256', Buffer.from(body), key).toString('base64url')}`
}

/** Every kind of token that is to be refused, by what is wrong with it; `trap` is a URL that nobody may ask. */
export function forgedTokens(trap: string): [string, string][] {
  const der = TRUSTED.publicKey.export({ type: 'spki', format: 'der' })
  const byMallory = (header: Part): string => es256(header, {}, MALLORY.privateKey)
  const [jwk] = malloryJwks().keys
  return [
    ['HS256 by the text of the public key', hmac('HS256', 'sha256', TRUSTED_PEM)],
    ['HS256 by that text without its last line break', hmac('HS256', 'sha256', TRUSTED_PEM.trim())],
    ['HS256 by the bytes of the public key', hmac('HS256', 'sha256', der)],
    ['HS512 by the text of the public key', hmac('HS512', 'sha512', TRUSTED_PEM)],
    ['HS256 by an empty secret', hmac('HS256', 'sha256', '')],
    ['alg none', unsigned('none')],
    ['alg None', unsigned('None')],
    ['alg NONE', unsigned('NONE')],
    ['alg none though signed', es256({ alg: 'none' })],
    ['no alg', es256({ alg: undefined })],
    ['a critical extension that nobody knows', es256({ crit: ['posthorn'], posthorn: 1 })],
    ['a critical claim', es256({ crit: ['exp'], exp: 1 })],
    ['a critical extension that changes nothing', es256({ crit: ['b64'], b64: true })],
    ['an empty list of critical extensions', es256({ crit: [] })],
    ['a jwk of its own', byMallory({ jwk })],
    ['a jku of its own', byMallory({ jku: trap, kid: 'mallory' })],
    ['an x5u of its own', byMallory({ x5u: trap })],
    ['an RSA key behind an x5u', rs256({ x5u: trap, jku: trap })],
    ['a kid that is a URL', byMallory({ kid: trap })],
    ['a kid that is a file', byMallory({ kid: '/dev/null' })],
    ['a kid that climbs', byMallory({ kid: '../../../../../../dev/null' })],
    ['the key of somebody else', byMallory({})],
    ['another algorithm', rs256({})],
    ['claims that were changed', tampered()],
    ['no signature', es256({}).replace(/[^.]*$/, '')],
    ['another audience', es256({}, { aud: 'other' })],
    ['other audiences', es256({}, { aud: ['other', 'posthorn2'] })],
    ['no audience', es256({}, { aud: undefined })],
    ['another issuer', es256({}, { iss: `${ISSUER}/` })],
    ['no issuer', es256({}, { iss: undefined })],
    ['no exp', es256({}, { exp: undefined })],
    ['an exp that no date can tell', es256({}, { exp: 1e308 })],
    ['an exp in a list', es256({}, { exp: [9_999_999_999] })],
    ['an exp of null', es256({}, { exp: null })],
    ['an nbf that is text', es256({}, { nbf: '0' })],
    ['an nbf to come', es256({}, { nbf: Math.floor(Date.now() / 1_000) + 300 })],
    ['an issuer among others', es256({}, { iss: [ISSUER] })],
    ['an audience that only begins rightly', es256({}, { aud: `${AUDIENCE} ` })],
    ['an audience within a list', es256({}, { aud: [[AUDIENCE]] })],
    ['a sub in a list', es256({}, { sub: ['alice'] })],
    ['a kid that is SQL', byMallory({ kid: "' UNION SELECT 'key' --" })],
    ['a kid that is no text', byMallory({ kid: { toString: 'mallory' } })],
    ['an x5c of its own', byMallory({ x5c: ['MIIB'] })],
    ['two algs, of which one is none', twice('alg', '"none"', '"ES256"')],
    ['another token within (RFC 8725 §3.3)', nested()],
    ['the form of an encrypted token', `${es256({})}.${encode({})}.AA`],
    ['a signature that is cut short', es256({}).slice(0, -8)],
    ['a signature of zeros (CVE-2022-21449)', es256({}).replace(/[^.]*$/, 'A'.repeat(86))],
    ['an exp that is text', es256({}, { exp: '9999999999' })],
    ['no sub', es256({}, { sub: undefined })],
    ['an empty sub', es256({}, { sub: '' })],
    ['a sub with a control character', es256({}, { sub: 'ali\nce' })],
    ['a sub of 256 characters', es256({}, { sub: 'x'.repeat(256) })],
    ['a device that is none', es256({}, { device: 'a device' })],
    ['more than 8 KiB', es256({}, { padding: 'x'.repeat(6_200) })],
    ['claims that are no object', `${encode({ alg: 'ES256' })}.${encode([])}.AA`],
    ['text', 'not.a.token'],
  ]
}
