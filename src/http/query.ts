import type { Context } from 'hono'
import * as z from 'zod/mini'
import { PosthornError } from '../protocol/errors.js'
import { queryObject, SeqText } from '../protocol/socket-query.js'
import { parse } from '../protocol/violations.js'
import type { RequestEnvironment } from './environment.js'

/** `limit` of every list: 1–100, 50 where it is not given. */
export const Limit = z._default(
  z.pipe(
    SeqText,
    z.int().check(z.minimum(1, 'must be at least 1'), z.maximum(100, 'must be at most 100')),
  ),
  50,
)

/** The query of lists that are all alike: how many, and which page. */
export const PageQuery = z.strictObject({ limit: Limit, page: z.optional(z.string()) })

/** The query of paths that take none. */
export const NoQuery = z.strictObject({})

/**
 * The query of a request, parsed; names that the schema does not have are refused.
 * @throws PosthornError `invalid_query`
 */
export function parseQuery<Schema extends z.ZodMiniType>(
  context: Context<RequestEnvironment>,
  schema: Schema,
): z.infer<Schema> {
  const { url } = context.req
  // Most requests have no query, and to parse the URL costs more than all else here.
  const query = url.includes('?') ? queryObject(new URL(url).searchParams) : {}
  const parsed = parse(schema, query)
  if ('value' in parsed) return parsed.value
  throw new PosthornError('invalid_query', 'The query is not valid.', parsed)
}

/** A place in a list as the opaque text that callers hand back. */
export function encodePage(place: unknown): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url')
}

/** The `nextPage` of a list that goes on after something; null where it does not. */
export function pageAfter(after: unknown): string | null {
  return after === undefined ? null : encodePage({ after })
}

/** @throws PosthornError `invalid_page` for a text that `encodePage` did not give for such a list */
export function decodePage<Schema extends z.ZodMiniType>(
  schema: Schema,
  page: string | undefined,
): z.infer<Schema> | undefined {
  if (page === undefined) return undefined
  try {
    const parsed = schema.safeParse(JSON.parse(Buffer.from(page, 'base64url').toString()))
    if (parsed.success) return parsed.data
  } catch {
    // Not JSON: refused below.
  }
  throw new PosthornError('invalid_page', 'Take `page` as it came in `nextPage`.')
}
