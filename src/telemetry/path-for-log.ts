/** What begins as each JWT does, with the JSON of its header (RFC 7515 §3.1), up to where a token ends. */
const TOKEN = /eyJ[\w-]{8,}(?:\.[\w-]*)*/g

/** What moves a cursor, breaks a line or turns the order of what is read. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/**
 * A path, decoded, as it may stand in a log: without what a caller who put a token there by mistake, or wants to write lines
 * of its own, has in it.
 */
export function pathForLog(path: string): string {
  return path.replace(TOKEN, '[token]').replace(UNPRINTABLE, encodeURIComponent)
}
