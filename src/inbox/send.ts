import { createHash } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'
import { PosthornError } from '../protocol/errors.js'
import type { NotificationContent } from '../protocol/notification.js'
import type { SendReceipt, SendRequest } from '../protocol/send.js'
import { canonicalJson } from './canonical-json.js'
import type { Clock } from './clock.js'
import { randomBytes } from './random-bytes.js'
import type { ServiceName, Store } from './store.js'
import type { Wake } from './wake.js'

/** Largest notification, as JSON in UTF-8: 64 KiB. */
const MAX_NOTIFICATION_BYTES = 64 * 1024

export interface Send {
  sender: ServiceName
  request: SendRequest
  idempotencyKey: string | undefined
}

export interface Sent {
  receipt: SendReceipt
  /** Whether this is the answer that an earlier request with the same key had. */
  replayed: boolean
}

/**
 * Stores a notification in the inbox of each of its users and wakes their sessions; resolves when it is on disk.
 * @throws PosthornError `payload_too_large` or `idempotency_key_reused`
 */
export async function send(
  { store, wake, clock }: { store: Store; wake: Wake; clock: Clock },
  { sender, request, idempotencyKey }: Send,
): Promise<Sent> {
  const createdAt = clock()
  const id = uuidv7({ msecs: createdAt, random: randomBytes(16) })
  const { to } = request
  const said = sayable(request)
  const contentJson = JSON.stringify({
    id,
    ...said,
    collapseKey: null,
    topic: null,
    sender: sender.subject,
    createdAt: new Date(createdAt).toISOString(),
    expiresAt: null,
  } satisfies NotificationContent)
  requireSize(contentJson, { ...request, to: undefined })
  const outcome = await store.send({
    id,
    sender,
    contentJson,
    createdAt,
    users: 'user' in to ? [to.user] : [...new Set(to.users)],
    tellSeq: 'user' in to,
    idempotency:
      idempotencyKey === undefined
        ? undefined
        : { key: idempotencyKey, fingerprint: fingerprint({ to, ...said }) },
  })
  switch (outcome.kind) {
    case 'stored':
      wake.publish(
        outcome.arrivals.map(({ user, seq, unread, unseen }) => ({
          user,
          seq,
          change: { kind: 'arrived' as const, contentJson, unread, unseen },
        })),
      )
      return { receipt: outcome.receipt, replayed: false }
    case 'replayed':
      return { receipt: outcome.receipt, replayed: true }
    case 'key_reused':
      throw new PosthornError(
        'idempotency_key_reused',
        'This Idempotency-Key came with another body within the last 24 hours.',
      )
  }
}

/** What the request says of the notification, with what it leaves out filled in. */
function sayable(request: SendRequest) {
  return {
    type: request.type,
    title: request.title ?? null,
    body: request.body ?? null,
    url: request.url ?? null,
    icon: request.icon ?? null,
    data: request.data ?? null,
    priority: request.priority ?? ('normal' as const),
  }
}

/** @throws PosthornError `payload_too_large` */
function requireSize(contentJson: string, given: object): void {
  // A character has at most three bytes in UTF-8, so that most need no second look.
  if (contentJson.length * 3 <= MAX_NOTIFICATION_BYTES) return
  if (Buffer.byteLength(JSON.stringify(given)) > MAX_NOTIFICATION_BYTES) {
    throw new PosthornError('payload_too_large', 'A notification has at most 64 KiB.')
  }
}

/** Tells bodies apart by what they say, not by how they are spelled: a retry may order its fields anew. */
function fingerprint(said: object): string {
  return createHash('sha256').update(canonicalJson(said)).digest('base64url')
}
