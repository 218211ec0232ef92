import * as z from 'zod/mini'
import { PosthornError, type Violation } from './errors.js'
import {
  CollapseKey,
  ConnectionId,
  Count,
  DeviceId,
  NotificationId,
  Seq,
  Timestamp,
  Topic,
  UserId,
} from './identifiers.js'
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
  z.strictObject({ topic: Topic }),
  z.strictObject({ everyone: z.literal(true) }),
  z.strictObject({ user: UserId, device: DeviceId }),
  z.strictObject({ connection: ConnectionId }),
])
export type Target = z.infer<typeof Target>

/** Longest life of a notification, in seconds: ten years. */
const MAX_TTL_SECONDS = 10 * 365 * 24 * 60 * 60

/** Furthest that a notification is scheduled ahead, in milliseconds: a year, and a day where it is a leap year. */
const MAX_AHEAD_MS = 366 * 24 * 60 * 60 * 1000

/** The body of `POST /v1/notifications`. */
export const SendRequest = z.strictObject({
  to: Target,
  ...ContentInput,
  /** Seconds that it lives, from `deliverAt` where there is one; 0 reaches only the sockets that are connected now. */
  ttl: z.nullish(
    z
      .int()
      .check(
        z.nonnegative('a ttl is not negative'),
        z.maximum(MAX_TTL_SECONDS, 'a ttl is at most ten years'),
      ),
  ),
  collapseKey: z.nullish(CollapseKey),
  /** When it is to arrive, at most a year ahead; what has passed already arrives now. */
  deliverAt: z.nullish(
    z.iso.datetime({ offset: true, error: 'deliverAt is a time as RFC 3339 writes it' }),
  ),
})
export type SendRequest = z.infer<typeof SendRequest>

/**
 * Parses the body of a send, at `now` in milliseconds since 1970.
 * @throws PosthornError `invalid_request`
 */
export function parseSendRequest(body: unknown, now: number): SendRequest {
  return parseSendAs(SendRequest, body, now)
}

/** As `parseSendRequest`, for what has further fields. */
export function parseSendAs<Schema extends typeof SendRequest>(
  schema: Schema,
  body: unknown,
  now: number,
): z.infer<Schema> {
  const parsed = parse(schema, body)
  const violations = 'violations' in parsed ? parsed.violations : clashes(parsed.value, now)
  if ('value' in parsed && violations.length === 0) return parsed.value
  throw new PosthornError('invalid_request', 'The body is not a notification to send.', {
    violations,
  })
}

/** What is wrong between fields that are each right by themselves. */
function clashes({ to, ttl, deliverAt }: SendRequest, now: number): Violation[] {
  const found: Violation[] = []
  const complain = (pointer: string, detail: string): void => {
    found.push({ pointer, code: 'invalid_value', detail })
  }
  // The inbox belongs to the user: what is stored reaches all devices.
  if (('device' in to || 'connection' in to) && ttl !== 0) {
    complain('/ttl', 'must be 0 for one device or one connection: what is stored is for all')
  }
  if (deliverAt && ttl === 0) {
    complain('/deliverAt', 'goes not with a ttl of 0, which is for the sockets connected now')
  }
  if (deliverAt && Date.parse(deliverAt) > now + MAX_AHEAD_MS) {
    complain('/deliverAt', 'must be at most a year ahead')
  }
  return found
}

/** What became of a notification as a whole. */
export const NotificationStatus = z.enum([
  'stored',
  'scheduled',
  'fanning_out',
  /** To the sockets that were connected; stored nowhere. */
  'sent',
  'recalled',
  'expired',
])
export type NotificationStatus = z.infer<typeof NotificationStatus>

const Recipients = z.object({
  /** Users that it was meant for, each counted once; of a `sent` one that names no users, those who were connected. */
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

/** The answer to `DELETE /v1/notifications/{id}`. */
export const RecallReceipt = z.object({
  id: NotificationId,
  status: z.literal('recalled'),
  recipients: Recipients,
})
export type RecallReceipt = z.infer<typeof RecallReceipt>
