import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import * as z from 'zod/mini'
import { parse } from '../protocol/violations.js'
import { GRANTS, type IssuerSettings, type KeySource } from './issuers.js'
import { isKeysUrl, isLongSecret, MIN_SECRET_BYTES } from './keys.js'

const Name = z.string().check(z.minLength(1, 'must not be empty'))

const IssuerEntry = z.strictObject({
  issuer: Name,
  audience: z.optional(
    z.pipe(
      z.union([Name, z.array(Name)]),
      z.transform((given) => (typeof given === 'string' ? [given] : given)),
    ),
  ),
  secret: z.optional(
    z.string().check(z.refine(isLongSecret, `must have at least ${MIN_SECRET_BYTES} bytes`)),
  ),
  publicKey: z.optional(Name),
  jwksUrl: z.optional(
    z.string().check(z.refine(isKeysUrl, 'must be an http(s) URL without a password')),
  ),
  grants: z._default(
    z.array(z.enum(GRANTS)).check(z.minLength(1, 'must name user, service or both')),
    [...GRANTS],
  ),
  userPrefix: z._default(
    z
      .string()
      .check(z.regex(/^[^\p{Cc}\p{Cs}]{0,200}$/u, 'must be text of at most 200 characters')),
    '',
  ),
})
type IssuerEntry = z.infer<typeof IssuerEntry>

const AuthFile = z.strictObject({
  issuers: z.array(IssuerEntry).check(z.minLength(1, 'must name an issuer')),
})

/**
 * Reads the file of `AUTH_CONFIG`: `{ "issuers": [{ issuer, audience?, secret | publicKey | jwksUrl, grants?, userPrefix? }] }`.
 * A `publicKey` is a file, named from where this one lies.
 */
export function readAuthFile(
  path: string,
): { issuers: IssuerSettings[] } | { complaints: string[] } {
  let json: unknown
  try {
    json = JSON.parse(new TextDecoder().decode(readFileSync(path)))
  } catch (error) {
    // What a parser complains of it quotes, and there may be a secret in it.
    const reason = error instanceof SyntaxError ? 'is not JSON' : reasonOf(error)
    return { complaints: [`${path}: ${reason}`] }
  }
  const parsed = parse(AuthFile, json)
  if ('violations' in parsed) {
    const { violations } = parsed
    return { complaints: violations.map(({ pointer, detail }) => `${path}: ${pointer}: ${detail}`) }
  }
  const { issuers } = parsed.value
  const complaints = [
    ...issuers.flatMap((entry, index) =>
      sourcesOf(entry, path).length === 1
        ? []
        : [`/issuers/${index}: give one of secret, publicKey and jwksUrl`],
    ),
    ...issuers.flatMap((entry, index) => clash(entry, issuers.slice(0, index))),
  ]
  if (complaints.length > 0) return { complaints: complaints.map((line) => `${path}: ${line}`) }
  return { issuers: issuers.flatMap((entry) => toSettings(entry, path)) }
}

function toSettings(entry: IssuerEntry, path: string): IssuerSettings[] {
  const { issuer: name, audience: audiences = [], grants, userPrefix } = entry
  return sourcesOf(entry, path).map((keys) => ({
    name,
    audiences,
    keys,
    grants: new Set(grants),
    userPrefix,
    setting: `AUTH_CONFIG: ${name}`,
  }))
}

function sourcesOf({ secret, publicKey, jwksUrl }: IssuerEntry, path: string): KeySource[] {
  return [
    ...(secret === undefined ? [] : [{ kind: 'secret' as const, secret }]),
    ...(publicKey === undefined
      ? []
      : [{ kind: 'public-key' as const, file: resolve(dirname(path), publicKey) }]),
    ...(jwksUrl === undefined ? [] : [{ kind: 'jwks' as const, url: jwksUrl }]),
  ]
}

/** An issuer has one entry, and no prefix begins another: its users would lie in both namespaces. */
function clash(entry: IssuerEntry, before: readonly IssuerEntry[]): string[] {
  const { issuer, userPrefix } = entry
  const isBegun = before.some(
    (other) =>
      other.userPrefix !== userPrefix &&
      [userPrefix, other.userPrefix].every((prefix) => prefix !== '') &&
      (other.userPrefix.startsWith(userPrefix) || userPrefix.startsWith(other.userPrefix)),
  )
  return [
    ...(before.some((other) => other.issuer === issuer) ? [`${issuer} is named twice`] : []),
    ...(isBegun ? [`the userPrefix of ${issuer} and another begin alike`] : []),
  ]
}

function reasonOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? `can't be read: ${String(error.code)}` : ''
}
