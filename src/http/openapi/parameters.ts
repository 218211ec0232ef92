import type * as z from 'zod/mini'
import { fieldSchemas, reference } from './schemas.js'
import { DEVICE, NOTIFICATION_ID, USER } from './examples.js'
import { HEADERS } from './headers.js'
import type { Parameter } from './types.js'

interface ParameterText {
  description: string
  example: Parameter['example']
  /** Whether a request without it is refused. */
  required?: boolean
}

/** The parameters of a query, from the schema by which the route parses it; each has a text, and no other has. */
export function queryParameters<Query extends z.ZodMiniObject>(
  query: Query,
  texts: Record<keyof Query['shape'] & string, ParameterText>,
): Parameter[] {
  const textOf = new Map(Object.entries<ParameterText>(texts))
  return Object.entries(fieldSchemas(query)).map(([name, schema]) => {
    const text = textOf.get(name)
    if (!text) throw new Error(`the parameter ${name} has no description`)
    const { description, example, required = false } = text
    return { name, in: 'query', required, description, schema, example }
  })
}

/** `limit` of every list. */
export const LIMIT: ParameterText = {
  description: 'Most items of a page. It may have fewer and go on, where they are large.',
  example: 20,
}

/** `page` of every list. */
export function pageText(example: string): ParameterText {
  return {
    description: '`nextPage` of the page before; opaque. The first page where it is not given.',
    example,
  }
}

export const NOTIFICATION_ID_PARAMETER: Parameter = {
  name: 'id',
  in: 'path',
  required: true,
  description: 'The notification.',
  schema: { ...reference('NotificationId') },
  example: NOTIFICATION_ID,
}

export const USER_PARAMETER: Parameter = {
  name: 'user',
  in: 'path',
  required: true,
  description:
    'The user, percent-encoded (RFC 3986 §2.1). One of whom nobody has heard has an empty inbox, no devices and no ' +
    'connections; a name that no user can have is `not_found`, `.` and `..` among them.',
  schema: { ...reference('UserId') },
  example: USER,
}

export const DEVICE_PARAMETER: Parameter = {
  name: 'device',
  in: 'path',
  required: true,
  description: 'The device.',
  schema: { ...reference('DeviceId') },
  example: DEVICE,
}

export const IF_NONE_MATCH_PARAMETER: Parameter = {
  name: 'If-None-Match',
  in: 'header',
  required: false,
  description: 'The `ETag` of the answer that the caller has: 304 where it is still the same.',
  schema: { type: 'string' },
  example: HEADERS.ETag.example,
}

export const IDEMPOTENCY_KEY_PARAMETER: Parameter = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description:
    'Makes a retry safe: within 24 h, for the same service, the same key and body give the first answer again, and ' +
    'nothing is sent twice. 1–255 visible ASCII characters, bare or as one quoted string ' +
    '(draft-ietf-httpapi-idempotency-key-header); both forms name one key. Only 2xx answers are kept.',
  schema: { type: 'string', minLength: 1 },
  example: '"order-8812-shipped"',
}

/** W3C Trace Context, of requests that send. */
export const TRACE_PARAMETERS: Parameter[] = [
  {
    name: 'traceparent',
    in: 'header',
    required: false,
    description:
      'The trace of the caller (https://www.w3.org/TR/trace-context/), which the way of the notification then belongs to, ' +
      'where the service exports traces. A malformed one is ignored.',
    schema: { type: 'string' },
    example: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  },
  {
    name: 'tracestate',
    in: 'header',
    required: false,
    description: 'What goes with `traceparent`; passed along.',
    schema: { type: 'string' },
    example: 'vendor=t61rcWkgMzE',
  },
]
