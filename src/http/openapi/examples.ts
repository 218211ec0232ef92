import type * as z from 'zod/mini'
import type { AckRequest, AckResult } from '../../protocol/ack.js'
import type { Batch, BatchResult } from '../../protocol/batch.js'
import type { DeliveryList } from '../../protocol/deliveries.js'
import { PosthornError } from '../../protocol/errors.js'
import type { InboxChanges, InboxCounts, InboxList } from '../../protocol/inbox.js'
import type { MarkRequest, MarkResult } from '../../protocol/mark.js'
import type { Notification, NotificationContent } from '../../protocol/notification.js'
import { toProblem } from '../../protocol/problem.js'
import type { NotificationOverview, SendReceipt, SendRequest } from '../../protocol/send.js'
import { encodePage } from '../query.js'
import { HEADERS } from './headers.js'

// One story through all of them: a shop tells u_42 that an order is on its way.

export const NOTIFICATION_ID = '01a202b2-c57b-7c3e-9a41-5d0be7f2c318'
export const EPOCH = 'm3Jd0qYw'
export const DEVICE = 'phone'

const CREATED_AT = '2026-11-22T10:00:00.123Z'
export const USER = 'u_42'

const SAID = {
  type: 'order.shipped',
  title: 'Shipped',
  body: 'Arrives Tuesday',
  url: 'https://shop.example/o/8812',
  icon: '/icons/box.png',
  data: { order: 8812 },
  priority: 'normal',
} satisfies Partial<SendRequest>

export const SEND_REQUEST = { to: { user: USER }, ...SAID } satisfies SendRequest

export const SEND_REQUEST_TO_MANY = {
  to: { users: [USER, 'u_43', 'u_44'] },
  type: 'maintenance',
  title: 'Back at noon',
} satisfies SendRequest

export const SEND_RECEIPT = {
  id: NOTIFICATION_ID,
  status: 'stored',
  seq: 1087,
  recipients: { total: 1, stored: 1 },
  createdAt: CREATED_AT,
  expiresAt: null,
} satisfies SendReceipt

export const BATCH = {
  items: [
    { ...SEND_REQUEST, idempotencyKey: 'order-8812-shipped' },
    { to: { user: 'u_43' }, type: 'invoice.due', idempotencyKey: 'invoice-77-due' },
  ],
} satisfies z.infer<typeof Batch>

export const SEND_RECEIPT_OF_MANY = {
  id: NOTIFICATION_ID,
  status: 'stored',
  recipients: { total: 3, stored: 3 },
  createdAt: CREATED_AT,
  expiresAt: null,
} satisfies SendReceipt

const CONTENT = {
  id: NOTIFICATION_ID,
  ...SAID,
  collapseKey: null,
  topic: null,
  sender: 'shop',
  createdAt: CREATED_AT,
  expiresAt: null,
} satisfies NotificationContent

export const BATCH_RESULT = {
  succeeded: 1,
  failed: 1,
  results: [
    { index: 0, status: 201, notification: SEND_RECEIPT },
    {
      index: 1,
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

export const OVERVIEW = {
  ...CONTENT,
  status: 'stored',
  recipients: SEND_RECEIPT.recipients,
} satisfies NotificationOverview

export const DELIVERIES = {
  items: [
    {
      user: USER,
      device: 'laptop',
      status: 'pending',
      deliveredAt: null,
      seenAt: null,
      readAt: null,
    },
    {
      user: USER,
      device: DEVICE,
      status: 'delivered',
      deliveredAt: '2026-11-22T10:00:00.201Z',
      seenAt: null,
      readAt: null,
    },
  ],
  nextPage: null,
} satisfies DeliveryList

export const DELIVERIES_PAGE = encodePage({ after: '7.12' })

export const NOTIFICATION = {
  ...CONTENT,
  seq: SEND_RECEIPT.seq,
  arrivedSeq: SEND_RECEIPT.seq,
  seenAt: null,
  readAt: null,
  archivedAt: null,
} satisfies Notification

const COUNTS = { unread: 3, unseen: 1 }

export const INBOX_COUNTS = {
  ...COUNTS,
  latest: SEND_RECEIPT.seq,
  epoch: EPOCH,
} satisfies InboxCounts

export const INBOX_PAGE = encodePage({ before: 1038 })

export const INBOX_LIST = {
  items: [NOTIFICATION],
  nextPage: encodePage({ before: NOTIFICATION.arrivedSeq }),
  ...INBOX_COUNTS,
} satisfies z.infer<typeof InboxList>

const READ_AT = '2026-11-22T10:04:31.870Z'

export const INBOX_CHANGES = {
  events: [
    {
      type: 'notification',
      payload: { seq: NOTIFICATION.seq, notification: NOTIFICATION, replayed: true },
    },
    {
      type: 'updated',
      payload: {
        seq: NOTIFICATION.seq + 1,
        id: '01a202a0-0d1e-7b52-8f6c-27c4e9a1d3b0',
        seenAt: READ_AT,
        readAt: READ_AT,
        archivedAt: null,
      },
    },
  ],
  next: NOTIFICATION.seq + 1,
  caughtUp: true,
  ...COUNTS,
  epoch: EPOCH,
} satisfies z.infer<typeof InboxChanges>

export const MARK_BY_IDS = {
  action: 'read',
  ids: [NOTIFICATION_ID],
} satisfies z.infer<typeof MarkRequest>

export const MARK_UP_TO = {
  action: 'archived',
  upTo: INBOX_COUNTS.latest,
  epoch: EPOCH,
  type: SAID.type,
} satisfies z.infer<typeof MarkRequest>

export const MARK_RESULT = {
  updated: 1,
  unread: COUNTS.unread - 1,
  unseen: COUNTS.unseen - 1,
  latest: INBOX_COUNTS.latest + 1,
} satisfies MarkResult

export const ACK_REQUEST = {
  device: DEVICE,
  seq: NOTIFICATION.seq,
  epoch: EPOCH,
} satisfies z.infer<typeof AckRequest>

export const ACK_RESULT = { cursor: NOTIFICATION.seq } satisfies AckResult
