/** The same send as a command line; the token comes from the shell's `$TOKEN`, so that it stands nowhere. */
export function curlOf(origin: string, body: unknown): string {
  return [
    `curl -X POST ${origin}/v1/notifications`,
    `  -H "Authorization: Bearer $TOKEN"`,
    `  -H 'Content-Type: application/json'`,
    `  -d ${quoted(JSON.stringify(body, undefined, 2))}`,
  ].join(' \\\n')
}

/** As one word of a POSIX shell: a quote ends the quotation, stands escaped, and begins another. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}
