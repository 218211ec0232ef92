import { resolve } from 'node:path'
import * as z from 'zod/mini'
import { readAuthFile } from './auth-file.js'
import { isLoopbackHost } from './hosts.js'
import { GRANTS, type IssuerSettings, type KeySource } from './issuers.js'
import { isKeysUrl, isLongSecret, MIN_SECRET_BYTES } from './keys.js'

/** The settings that say whose tokens are believed. */
export const AUTH_SETTINGS = {
  JWT_SECRET: z.optional(z.string().check(z.refine(isLongSecret))),
  JWT_PUBLIC_KEY: z.optional(z.string()),
  JWKS_URL: z.optional(z.string().check(z.refine(isKeysUrl))),
  JWT_ISSUER: z.optional(z.string()),
  JWT_AUDIENCE: z.optional(z.string()),
  JWT_GRANTS: z._default(
    z.pipe(
      z.pipe(
        z.string(),
        z.transform((text) => text.split(',').map((grant) => grant.trim())),
      ),
      z.array(z.enum(GRANTS)),
    ),
    [...GRANTS],
  ),
  AUTH_CONFIG: z.optional(z.string()),
}

/** What is right, for whoever reads that it is wrong. */
export const AUTH_EXPECTED = {
  JWT_SECRET: `at least ${MIN_SECRET_BYTES} bytes`,
  JWKS_URL: 'an http(s) URL without a password',
  JWT_GRANTS: 'user, service or both, separated by commas',
}

const AuthSettings = z.object(AUTH_SETTINGS)
type AuthSettings = z.infer<typeof AuthSettings>

/** Of these, one says where the keys are. */
const KEY_SETTINGS = ['JWT_SECRET', 'JWT_PUBLIC_KEY', 'JWKS_URL', 'AUTH_CONFIG'] as const

/** With several issuers, these stand beside each in its file. */
const OF_ONE_ISSUER = ['JWT_ISSUER', 'JWT_AUDIENCE', 'JWT_GRANTS'] as const

/** What is wrong with these settings together, whatever is wrong with each. */
export function authComplaints(given: NodeJS.ProcessEnv): string[] {
  const named = KEY_SETTINGS.filter((name) => given[name] !== undefined)
  if (named.length > 1) return [`${named.join(' and ')}: give one of them`]
  if (named[0] === 'AUTH_CONFIG') {
    return OF_ONE_ISSUER.filter((name) => given[name] !== undefined).map(
      (name) => `${name}: with AUTH_CONFIG it stands in that file, for each issuer`,
    )
  }
  const { HOST } = given
  if (named.length > 0 || HOST === undefined || isLoopbackHost(HOST)) return []
  const choices = 'JWT_SECRET, JWT_PUBLIC_KEY, JWKS_URL or AUTH_CONFIG'
  return [`HOST: ${HOST} can be reached from other machines: set ${choices} first`]
}

/**
 * The issuers that the settings name. With no keys at all that is the service itself, in development: its secret lies in
 * the folder of its data.
 */
export function readIssuers(
  settings: AuthSettings,
  dataFolder: string,
): { issuers: IssuerSettings[] } | { complaints: string[] } {
  if (settings.AUTH_CONFIG !== undefined) {
    const read = readAuthFile(resolve(settings.AUTH_CONFIG))
    if ('issuers' in read) return read
    return { complaints: read.complaints.map((line) => `AUTH_CONFIG: ${line}`) }
  }
  const { setting, keys } = keySource(settings, dataFolder)
  return {
    issuers: [
      {
        name: settings.JWT_ISSUER,
        audiences: settings.JWT_AUDIENCE === undefined ? [] : [settings.JWT_AUDIENCE],
        grants: new Set(settings.JWT_GRANTS),
        userPrefix: '',
        setting,
        keys,
      },
    ],
  }
}

function keySource(
  { JWT_SECRET: secret, JWT_PUBLIC_KEY: file, JWKS_URL: url }: AuthSettings,
  dataFolder: string,
): { setting: string; keys: KeySource } {
  if (secret !== undefined) return { setting: 'JWT_SECRET', keys: { kind: 'secret', secret } }
  if (file !== undefined) {
    return { setting: 'JWT_PUBLIC_KEY', keys: { kind: 'public-key', file: resolve(file) } }
  }
  if (url !== undefined) return { setting: 'JWKS_URL', keys: { kind: 'jwks', url } }
  const made = resolve(dataFolder, 'development.secret')
  return { setting: 'development.secret', keys: { kind: 'development', file: made } }
}
