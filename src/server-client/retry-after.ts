/**
 * The milliseconds that a `Retry-After` asks for (RFC 9110 §10.2.3): seconds, or a date. A date is held against the answer's
 * own `Date` where it has one, since this machine's clock may be wrong.
 * @param now milliseconds since 1970
 * @returns undefined where there is none, or it is neither
 */
export function parseRetryAfter(
  headers: { get: (name: string) => string | null },
  now: number,
): number | undefined {
  const text = headers.get('retry-after')?.trim()
  if (text === undefined || text === '') return undefined
  if (/^\d+$/.test(text)) return Number(text) * 1000
  // A date of HTTP begins with the name of a day; `Date.parse` takes much else, "-5" among it.
  const at = /^[A-Za-z]/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(at)) return undefined
  const sent = Date.parse(headers.get('date') ?? '')
  return Math.max(0, at - (Number.isNaN(sent) ? now : sent))
}
