import type * as z from 'zod/mini'
import type { Batch, BatchResult } from '../../protocol/batch.js'
import type { DeliveryList } from '../../protocol/deliveries.js'
import { PosthornError } from '../../protocol/errors.js'
import { toProblem } from '../../protocol/problem.js'
import type {
  NotificationOverview,
  RecallReceipt,
  SendReceipt,
  SendRequest,
} from '../../protocol/send.js'
import { encodePage } from '../query.js'
import { CONTENT, CREATED_AT, DEVICE, NOTIFICATION_ID, READ_AT, SAID, USER } from './examples.js'
import { HEADERS } from './headers.js'

// What the shop sends, and what it hears of it.

const ENDS_AT = '2026-11-23T10:00:00.123Z'

/** What is sent: one for each kind of target, and for each way in which time matters. */
export const SENDS = {
  oneUser: { to: { user: USER }, ...SAID },
  severalUsers: {
    to: { users: [USER, 'u_43', 'u_44'] },
    type: 'maintenance',
    title: 'Back at noon',
  },
  topic: { to: { topic: 'news.sport' }, type: 'goal', title: '2 : 1', ttl: 7_200 },
  everyone: { to: { everyone: true }, type: 'maintenance', title: 'Tonight at ten' },
  device: { to: { user: USER, device: DEVICE }, type: 'ring', title: 'Find my phone', ttl: 0 },
  connection: {
    to: { connection: 'm3kZ0c1v9QbXyT2e' },
    type: 'export.progress',
    data: { percent: 40 },
    ttl: 0,
  },
  replacing: { to: { user: USER }, ...SAID, ttl: 86_400, collapseKey: 'order-8812' },
  later: {
    to: { user: USER },
    type: 'reminder',
    title: 'The meeting begins',
    deliverAt: '2026-11-23T09:00:00.000Z',
    ttl: 3_600,
  },
} satisfies Record<string, SendRequest>

const RECEIPT = { id: NOTIFICATION_ID, createdAt: CREATED_AT, expiresAt: null }

/** What is stored already when it is answered. */
export const STORED = {
  oneUser: { ...RECEIPT, status: 'stored', seq: 1087, recipients: { total: 1, stored: 1 } },
  severalUsers: { ...RECEIPT, status: 'stored', recipients: { total: 3, stored: 3 } },
  replacing: {
    ...RECEIPT,
    status: 'stored',
    seq: 1087,
    recipients: { total: 1, stored: 1 },
    expiresAt: ENDS_AT,
  },
} satisfies Record<string, SendReceipt>

/** What is yet to come, or is stored nowhere. */
export const UNDER_WAY = {
  scheduled: {
    ...RECEIPT,
    status: 'scheduled',
    recipients: { total: 1, stored: 0 },
    expiresAt: '2026-11-23T10:00:00.000Z',
  },
  fanningOut: {
    ...RECEIPT,
    status: 'fanning_out',
    recipients: { total: 100_000, stored: 0 },
    expiresAt: '2026-11-22T12:00:00.123Z',
  },
  sent: {
    ...RECEIPT,
    status: 'sent',
    recipients: { total: 1, stored: 0 },
    expiresAt: CREATED_AT,
  },
} satisfies Record<string, SendReceipt>

export const BATCH = {
  items: [
    { ...SENDS.oneUser, idempotencyKey: 'order-8812-shipped' },
    { ...SENDS.later, idempotencyKey: 'meeting-5-begins' },
    { to: { user: 'u_43' }, type: 'invoice.due', idempotencyKey: 'invoice-77-due' },
  ],
} satisfies z.infer<typeof Batch>

export const BATCH_RESULT = {
  succeeded: 2,
  failed: 1,
  results: [
    { index: 0, status: 201, notification: STORED.oneUser },
    {
      index: 1,
      status: 202,
      notification: { ...UNDER_WAY.scheduled, id: '01a202b2-c57b-7c3e-9a41-5d0be7f2c319' },
    },
    {
      index: 2,
      status: 422,
      problem: toProblem(
        new PosthornError(
          'idempotency_key_reused',
          'This Idempotency-Key came with another body within the last 24 hours.',
        ),
        HEADERS['X-Request-Id'].example,
      ),
    },
  ],
} satisfies BatchResult

/** A notification in each state that it may be in. */
export const OVERVIEWS = {
  stored: { ...CONTENT, status: 'stored', recipients: STORED.oneUser.recipients },
  scheduled: {
    ...CONTENT,
    expiresAt: UNDER_WAY.scheduled.expiresAt,
    status: 'scheduled',
    recipients: UNDER_WAY.scheduled.recipients,
  },
  fanningOut: {
    ...CONTENT,
    topic: SENDS.topic.to.topic,
    expiresAt: UNDER_WAY.fanningOut.expiresAt,
    status: 'fanning_out',
    recipients: { total: 100_000, stored: 41_250 },
  },
  recalled: { ...CONTENT, status: 'recalled', recipients: STORED.severalUsers.recipients },
  expired: {
    ...CONTENT,
    collapseKey: SENDS.replacing.collapseKey,
    expiresAt: ENDS_AT,
    status: 'expired',
    recipients: STORED.replacing.recipients,
  },
} satisfies Record<string, NotificationOverview>

/** What a recall answers: the same when it is asked again. */
export const RECALLED = {
  id: NOTIFICATION_ID,
  status: 'recalled',
  recipients: STORED.severalUsers.recipients,
} satisfies RecallReceipt

export const BEING_RECALLED = {
  id: NOTIFICATION_ID,
  status: 'recalled',
  recipients: OVERVIEWS.fanningOut.recipients,
} satisfies RecallReceipt

const UNTOUCHED = { deliveredAt: null, seenAt: null, readAt: null }
const DELIVERED_AT = '2026-11-22T10:00:00.201Z'

export const DELIVERIES = {
  items: [
    { user: USER, device: 'laptop', status: 'pending', ...UNTOUCHED },
    { user: USER, device: DEVICE, status: 'delivered', ...UNTOUCHED, deliveredAt: DELIVERED_AT },
  ],
  nextPage: null,
} satisfies DeliveryList

/** The ends that there are: each user's devices tell their own. */
export const ENDINGS = {
  items: [
    {
      user: USER,
      device: DEVICE,
      status: 'delivered',
      deliveredAt: DELIVERED_AT,
      seenAt: READ_AT,
      readAt: READ_AT,
    },
    { user: USER, device: 'tablet', status: 'recalled', ...UNTOUCHED },
    { user: 'u_43', device: 'browser', status: 'skipped', ...UNTOUCHED },
    { user: 'u_44', device: DEVICE, status: 'replaced', ...UNTOUCHED },
    { user: 'u_45', device: DEVICE, status: 'expired', ...UNTOUCHED },
    { user: 'u_46', device: null, status: 'removed', ...UNTOUCHED },
  ],
  nextPage: encodePage({ after: '7.12' }),
} satisfies DeliveryList

export const DELIVERIES_PAGE = ENDINGS.nextPage
