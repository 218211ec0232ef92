import { createHash } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'
import { PosthornError } from '../protocol/errors.js'
import type { NotificationContent } from '../protocol/notification.js'
import type { SendReceipt, SendRequest, Target } from '../protocol/send.js'
import { canonicalJson } from './canonical-json.js'
import type { Caretaker } from './caretaker.js'
import type { Clock } from './clock.js'
import { sendEphemeral, type EphemeralContext } from './ephemeral.js'
import { arrivalMoves } from './moves.js'
import { randomBytes } from './random-bytes.js'
import { tellOf, type SendTrace } from './send-trace.js'
import type { SendTarget, ServiceName, Store } from './store.js'
import type { Wake } from './wake.js'

/** Largest notification, as JSON in UTF-8: 64 KiB. */
const MAX_NOTIFICATION_BYTES = 64 * 1024

export interface Send {
  sender: ServiceName
  request: SendRequest
  idempotencyKey: string | undefined
  /** Who follows it; nobody where undefined. */
  trace?: SendTrace | undefined
}

export interface Sent {
  receipt: SendReceipt
  /** Whether this is the answer that an earlier request with the same key had. */
  replayed: boolean
}

/** What a send needs. */
export interface SendContext {
  store: Pick<Store, 'send'> & EphemeralContext['store']
  live: EphemeralContext['live']
  wake: Wake
  clock: Clock
  /** Told of work that has come. */
  caretaker: Pick<Caretaker, 'hurry'>
  /** Told of each notification that was accepted. */
  traffic: { accepted: () => void }
}

/**
 * Takes a notification; resolves when it is on disk. Where it is stored at once, the sessions of its users are woken; one with a
 * `ttl` of 0 goes to the sockets that are connected, and nowhere else.
 * @throws PosthornError `payload_too_large` or `idempotency_key_reused`
 */
export async function send(
  { store, live, wake, clock, caretaker, traffic }: SendContext,
  { sender, request, idempotencyKey, trace }: Send,
): Promise<Sent> {
  const createdAt = clock()
  const id = uuidv7({ msecs: createdAt, random: randomBytes(16) })
  const { to } = request
  const said = sayable(request)
  const times = timesOf(request, createdAt)
  const { collapseKey = null } = request
  const contentJson = JSON.stringify({
    id,
    ...said,
    collapseKey,
    topic: 'topic' in to ? to.topic : null,
    sender: sender.subject,
    createdAt: new Date(createdAt).toISOString(),
    expiresAt: times.expiresAt === undefined ? null : new Date(times.expiresAt).toISOString(),
  } satisfies NotificationContent)
  requireSize(contentJson, request)
  const idempotency =
    idempotencyKey === undefined
      ? undefined
      : { key: idempotencyKey, fingerprint: fingerprint({ to, ...said, ...timing(request) }) }
  const isStored = request.ttl !== 0
  const answered = trace?.asked(id, isStored ? 'commit' : 'deliver')
  const asking = isStored
    ? // Field by field: an object that is put together from several costs 2 µs (`accept`).
      store.send({
        id,
        sender,
        contentJson,
        createdAt,
        idempotency,
        dueAt: times.dueAt,
        expiresAt: times.expiresAt,
        collapseKey: collapseKey ?? undefined,
        target: targetOf(to),
      })
    : sendEphemeral({ store, live }, { id, sender, to, contentJson, createdAt, idempotency })
  const outcome = await (answered ? tellOf(answered, asking) : asking)
  switch (outcome.kind) {
    case 'accepted': {
      const { receipt, arrivals } = outcome
      traffic.accepted()
      wake.publish(arrivalMoves({ contentJson, arrivals }, createdAt))
      if (receipt.status === 'fanning_out') caretaker.hurry()
      return { receipt, replayed: false }
    }
    case 'replayed':
      return { receipt: outcome.receipt, replayed: true }
    case 'key_reused':
      throw new PosthornError(
        'idempotency_key_reused',
        'This Idempotency-Key came with another body within the last 24 hours.',
      )
  }
}

/** When it arrives, where that is later, and when it ends. */
function timesOf(
  { ttl, deliverAt }: SendRequest,
  createdAt: number,
): { dueAt: number | undefined; expiresAt: number | undefined } {
  const due = deliverAt ? Date.parse(deliverAt) : createdAt
  const dueAt = due > createdAt ? due : undefined
  const isEndless = ttl === undefined || ttl === null
  return { dueAt, expiresAt: isEndless ? undefined : due + ttl * 1000 }
}

function targetOf(to: Target): SendTarget {
  if ('topic' in to) return { kind: 'topic', topic: to.topic }
  if ('everyone' in to) return { kind: 'everyone' }
  if ('users' in to) return { kind: 'users', users: [...new Set(to.users)], single: false }
  if ('user' in to) return { kind: 'users', users: [to.user], single: true }
  throw new Error('one connection is in no log')
}

/** What a body says of its time; where it says nothing, its fingerprint is as it was before these fields were known. */
function timing({ ttl, collapseKey, deliverAt }: SendRequest): object {
  return {
    ...(ttl !== undefined && ttl !== null && { ttl }),
    ...(collapseKey && { collapseKey }),
    // However it is written: a retry may name the same moment in another zone.
    ...(deliverAt && { deliverAt: Date.parse(deliverAt) }),
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
function requireSize(contentJson: string, request: SendRequest): void {
  // A character has at most three bytes in UTF-8, so that most need no second look.
  if (contentJson.length * 3 <= MAX_NOTIFICATION_BYTES) return
  if (Buffer.byteLength(JSON.stringify({ ...request, to: undefined })) > MAX_NOTIFICATION_BYTES) {
    throw new PosthornError('payload_too_large', 'A notification has at most 64 KiB.')
  }
}

/** Tells bodies apart by what they say, not by how they are spelled: a retry may order its fields anew. */
function fingerprint(said: object): string {
  return createHash('sha256').update(canonicalJson(said)).digest('base64url')
}
