import * as z from 'zod/mini'
import { PosthornError, type Violation } from './errors.js'
import { Count, NotificationId, Seq, Timestamp, UserId } from './identifiers.js'
import { ContentInput, NotificationContent } from './notification.js'
import { parse } from './violations.js'

/** Most users that one `to.users` names. */
export const MAX_USERS_PER_SEND = 1_000

/** Whom a notification is for. */
const Target = z.union([
  z.strictObject({ user: UserId }),
  z.strictObject({
    users: z
      .array(UserId)
      .check(
        z.minLength(1, 'names at least one user'),
        z.maxLength(MAX_USERS_PER_SEND, `names at most ${MAX_USERS_PER_SEND} users`),
      ),
  }),
])

/** The body of `POST /v1/notifications`. */
export const SendRequest = z.strictObject({
  to: Target,
  ...ContentInput,
  // Only null until expiry, replacement and scheduling are built.
  ttl: z.optional(z.null()),
  collapseKey: z.optional(z.null()),
  deliverAt: z.optional(z.null()),
})
export type SendRequest = z.infer<typeof SendRequest>

/** Fields that the contract knows and this version does not serve: refused, never ignored. */
const NOT_BUILT = new Set([
  '/ttl',
  '/collapseKey',
  '/deliverAt',
  '/to/topic',
  '/to/everyone',
  '/to/device',
  '/to/connection',
])

/**
 * Parses the body of a send.
 * @throws PosthornError `not_implemented` for fields and targets of later versions, `invalid_request` for all else
 */
export function parseSendRequest(body: unknown): SendRequest {
  return parseSendAs(SendRequest, body)
}

/** As `parseSendRequest`, for what has further fields. */
export function parseSendAs<Schema extends typeof SendRequest>(
  schema: Schema,
  body: unknown,
): z.infer<Schema> {
  const parsed = parse(schema, body)
  if ('value' in parsed) return parsed.value
  const notBuilt = parsed.violations
    .filter(({ pointer }) => NOT_BUILT.has(pointer))
    .map(({ pointer }): Violation => ({
      pointer,
      code: 'not_implemented',
      detail: 'this version does not serve this field yet',
    }))
  if (notBuilt.length > 0) {
    throw new PosthornError('not_implemented', 'The body asks for what is not built yet.', {
      violations: notBuilt,
    })
  }
  throw new PosthornError('invalid_request', 'The body is not a notification to send.', {
    violations: parsed.violations,
  })
}

/** What became of a notification as a whole. */
export const NotificationStatus = z.enum(['stored'])

const Recipients = z.object({
  /** Users that it was meant for, each counted once. */
  total: Count,
  /** Users in whose inbox it was stored. */
  stored: Count,
})

/** The answer to a send. */
export const SendReceipt = z.object({
  id: NotificationId,
  status: NotificationStatus,
  /** Where it stands in the user's log; only where it was sent to one user. */
  seq: z.optional(Seq),
  recipients: Recipients,
  createdAt: Timestamp,
  expiresAt: z.nullable(Timestamp),
})
export type SendReceipt = z.infer<typeof SendReceipt>

/** The answer to `GET /v1/notifications/{id}`. */
export const NotificationOverview = z.extend(NotificationContent, {
  status: NotificationStatus,
  recipients: Recipients,
})
export type NotificationOverview = z.infer<typeof NotificationOverview>
