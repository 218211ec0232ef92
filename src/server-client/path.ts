import { PosthornArgumentError } from './errors.js'

/** A query's fields; what is undefined is left out. */
export type Query = Record<string, string | number | undefined>

/**
 * A path under `/v1`, each part percent-encoded by itself, and its query.
 * @throws PosthornArgumentError for a part that no path can hold: the URL standard takes `.` and `..` as steps, in any spelling
 */
export function pathOf(parts: readonly string[], query: Query = {}): string {
  const path = parts.map((part) => `/${encode(part)}`).join('')
  const fields = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) fields.set(name, String(value))
  }
  return `/v1${path}${fields.size > 0 ? `?${fields.toString()}` : ''}`
}

function encode(part: string): string {
  if (part === '' || part === '.' || part === '..') {
    throw new PosthornArgumentError(`a path can't name ${JSON.stringify(part)}`)
  }
  try {
    return encodeURIComponent(part)
  } catch (cause) {
    throw new PosthornArgumentError('a name holds half a character', { cause })
  }
}
