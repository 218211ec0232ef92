import { PosthornError } from '../protocol/errors.js'

/**
 * The key of an `Idempotency-Key` header: a structured string (`"key"`, RFC 9651 §3.3.3), as the IETF's
 * draft-ietf-httpapi-idempotency-key-header asks for, or bare, as most services take it. Both forms name one key.
 * @throws PosthornError `invalid_idempotency_key` where it is not 1–255 printable ASCII characters
 */
export function parseIdempotencyKey(header: string | undefined): string | undefined {
  if (header === undefined) return undefined
  const key = header.startsWith('"') ? unquote(header) : header
  if (key === undefined || !/^[\x20-\x7e]{1,255}$/.test(key)) {
    throw new PosthornError(
      'invalid_idempotency_key',
      'An Idempotency-Key is 1–255 printable ASCII characters, bare or as one quoted string.',
    )
  }
  return key
}

function unquote(header: string): string | undefined {
  const inner = /^"((?:[^"\\]|\\["\\])*)"$/.exec(header)?.[1]
  return inner?.replaceAll(/\\(["\\])/g, '$1')
}
