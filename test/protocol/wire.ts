import { createHash } from 'node:crypto'
import * as z from 'zod/mini'
import { canonicalJson } from '../../src/inbox/canonical-json.js'
import { AckRequest, AckResult } from '../../src/protocol/ack.js'
import { Batch, BatchResult } from '../../src/protocol/batch.js'
import { DeliveryList } from '../../src/protocol/deliveries.js'
import { ephemeralFrame } from '../../src/protocol/down/ephemeral.js'
import { Down } from '../../src/protocol/down/index.js'
import { notificationFrame } from '../../src/protocol/down/notification.js'
import { removedFrame } from '../../src/protocol/down/removed.js'
import { updatedFrame } from '../../src/protocol/down/updated.js'
import { ERRORS, PosthornError } from '../../src/protocol/errors.js'
import { InboxChanges, InboxCounts, InboxFilter, InboxList } from '../../src/protocol/inbox.js'
import { MarkRequest, MarkResult } from '../../src/protocol/mark.js'
import { Problem, toProblem } from '../../src/protocol/problem.js'
import { RevocationRequest } from '../../src/protocol/revocation.js'
import {
  NotificationOverview,
  RecallReceipt,
  SendReceipt,
  SendRequest,
} from '../../src/protocol/send.js'
import { SocketQuery } from '../../src/protocol/socket-query.js'
import { Envelope, Up } from '../../src/protocol/up/index.js'
import { BEARER_SUBPROTOCOL_PREFIX, SUBPROTOCOL } from '../../src/protocol/version.js'

/** What travels, by name. A schema's refinements are functions, of which only the words they complain in are seen. */
const SCHEMAS = {
  Down,
  Up,
  Envelope,
  SocketQuery,
  SendRequest,
  SendReceipt,
  Batch,
  BatchResult,
  NotificationOverview,
  RecallReceipt,
  DeliveryList,
  InboxFilter,
  InboxList,
  InboxCounts,
  InboxChanges,
  MarkRequest,
  MarkResult,
  AckRequest,
  AckResult,
  Problem,
  RevocationRequest,
}

/** All that a client of another version could trip over, as plain data. */
export function describeWire(): Record<string, unknown> {
  const schemas = Object.entries(SCHEMAS).map(([name, schema]): [string, unknown] => [
    name,
    // As input, that is as what is taken: transforms can't be written down.
    z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }),
  ])
  const errors = Object.entries(ERRORS).map(([code, { status, close, retryable }]) => [
    code,
    { status, close, retryable },
  ])
  const state = { seq: 2, arrivedSeq: 1, seenAt: 0, readAt: null, archivedAt: null }
  const removal = { seq: 3, id: 'id', collapseKey: null, reason: 'recalled' as const }
  return {
    // What is joined as text, where no schema sees a field too many.
    texts: [
      notificationFrame(state, '{}', 'replayed'),
      notificationFrame(state, '{}', { unread: 1, unseen: 0 }),
      updatedFrame(state, 'id', { unread: 1, unseen: 0 }),
      removedFrame(removal, 'replayed'),
      removedFrame({ ...removal, collapseKey: 'key' }, { unread: 1, unseen: 0 }),
      ephemeralFrame('{}'),
      JSON.stringify(toProblem(new PosthornError('not_found', 'detail'), 'request')),
    ],
    subprotocols: [SUBPROTOCOL, BEARER_SUBPROTOCOL_PREFIX],
    errors: Object.fromEntries(errors),
    schemas: Object.fromEntries(schemas),
  }
}

export function hashOf(wire: unknown): string {
  return createHash('sha256').update(canonicalJson(wire)).digest('hex').slice(0, 16)
}
