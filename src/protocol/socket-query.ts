import * as z from 'zod/mini'
import { PosthornError } from './errors.js'
import { DeviceId, Epoch } from './identifiers.js'
import { parse } from './violations.js'

/** A `seq` in a query, which holds text only. At most fifteen digits, which a number holds exactly. */
export const SeqText = z.pipe(
  z.string().check(z.regex(/^(?:0|[1-9][0-9]{0,14})$/, 'must be a whole number')),
  z.transform(Number),
)

const BooleanText = z.pipe(
  z.enum(['true', 'false']),
  z.transform((text) => text === 'true'),
)

// Not strict: on the socket, what is unknown is let by.
export const SocketQuery = z.object({
  device: z.optional(DeviceId),
  cursor: z.optional(z.union([z.literal('latest'), SeqText])),
  epoch: z.optional(Epoch),
  batch: z.optional(BooleanText),
  access_token: z.optional(z.string()),
})

/** Where a connection starts to read the log. */
export type Start =
  /** At the device's stored cursor; a new device at the beginning of what is retained. */
  | { kind: 'stored' }
  /** With what comes next; the stored cursor moves there at once. */
  | { kind: 'latest' }
  /** After this `seq` of that epoch. */
  | { kind: 'cursor'; cursor: number; epoch: string }

/** What the query of a WebSocket's URL asks for. */
export interface SocketRequest {
  device: string | undefined
  start: Start
  /** Whether the server may send arrays of frames. */
  batch: boolean
  /** A token in the URL (RFC 6750 §2.3), which proxies write to their logs: only where the operator allows it. */
  token: string | undefined
}

/**
 * Parses the query of `GET /v1/socket`.
 * @throws PosthornError `invalid_query`, or `epoch_required` for a cursor without its epoch
 */
export function parseSocketQuery(query: URLSearchParams): SocketRequest {
  const parsed = parse(SocketQuery, queryObject(query))
  if ('violations' in parsed) {
    throw new PosthornError('invalid_query', 'The query of the socket is not valid.', parsed)
  }
  const { device, cursor, epoch, batch = false, access_token: token } = parsed.value
  return { device, start: startOf(cursor, epoch), batch, token }
}

function startOf(cursor: 'latest' | number | undefined, epoch: string | undefined): Start {
  if (cursor === undefined) return { kind: 'stored' }
  if (cursor === 'latest') return { kind: 'latest' }
  if (epoch === undefined) {
    throw new PosthornError('epoch_required', 'A cursor is sent together with its epoch.')
  }
  return { kind: 'cursor', cursor, epoch }
}

/** The query as an object to parse; a repeated name becomes an array, which no schema of ours takes. */
export function queryObject(query: URLSearchParams): Record<string, string | string[]> {
  const entries = [...new Set(query.keys())].map((name): [string, string | string[]] => {
    const [first = '', ...more] = query.getAll(name)
    return [name, more.length === 0 ? first : [first, ...more]]
  })
  return Object.fromEntries(entries)
}
