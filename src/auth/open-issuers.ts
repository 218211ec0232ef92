import { readFileSync } from 'node:fs'
import { developmentSecret } from './development.js'
import type { Issuer, IssuerSettings, KeySource } from './issuers.js'
import { publicKeys, secretKeys, type Keys } from './keys.js'
import { RemoteKeys, type RemoteKeysOptions } from './remote-keys.js'

/** Keys that can't be used: one line for each issuer whose are not. */
export class KeysError extends Error {
  override readonly name = 'KeysError'
  readonly lines: readonly string[]

  constructor(lines: readonly string[]) {
    super(lines.join('\n'))
    this.lines = lines
  }
}

export type OpenIssuersOptions = Omit<RemoteKeysOptions, 'url'>

/** The issuers of a service with their keys. Owns the fetches of those that are published: `close` ends them. */
export class OpenIssuers {
  readonly all: readonly Issuer[]
  /** The published ones among the keys. */
  readonly remote: readonly RemoteKeys[]

  /** @throws KeysError where a file of keys can't be read or used */
  constructor(settings: readonly IssuerSettings[], options: OpenIssuersOptions) {
    const complaints: string[] = []
    const opened = settings.flatMap(({ keys: source, setting, ...rest }) => {
      try {
        return [{ ...rest, keys: openKeys(source, options) }]
      } catch (error) {
        complaints.push(`${setting}: ${error instanceof Error ? error.message : String(error)}`)
        return []
      }
    })
    if (complaints.length > 0) throw new KeysError(complaints)
    this.all = opened
    this.remote = opened.flatMap(({ keys }) => (keys instanceof RemoteKeys ? [keys] : []))
  }

  /** Begins to fetch the published keys, so that the first token finds them; what fails is reported. */
  prepare(): void {
    for (const keys of this.remote) keys.fetch().catch(() => undefined)
  }

  /** Idempotent. */
  close(): void {
    for (const keys of this.remote) keys.close()
  }
}

function openKeys(source: KeySource, options: OpenIssuersOptions): Keys {
  switch (source.kind) {
    case 'secret':
      return secretKeys(source.secret)
    case 'development':
      return secretKeys(developmentSecret(source.file))
    case 'public-key':
      return readPublicKeys(source.file)
    case 'jwks':
      return new RemoteKeys({ ...options, url: source.url })
  }
}

function readPublicKeys(file: string): Keys {
  try {
    return publicKeys(readFileSync(file, 'utf8'))
  } catch (error) {
    throw new Error(`${file}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    })
  }
}
