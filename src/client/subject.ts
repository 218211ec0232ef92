import * as z from 'zod/mini'

const Claims = z.object({ iss: z.optional(z.string()), sub: z.string() })

/**
 * Of whom a token is, as a name to compare and nothing else; undefined where it can't be read. The service alone verifies it. Two
 * users of one service may have logs of the same epoch, so that a position must never be sent for another than the one whose it is.
 */
export function subjectOf(token: string): string | undefined {
  const [, payload = ''] = token.split('.')
  try {
    const claims = Claims.safeParse(
      JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/'))),
    )
    return claims.success ? JSON.stringify([claims.data.iss ?? '', claims.data.sub]) : undefined
  } catch {
    return undefined
  }
}
