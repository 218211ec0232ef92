import type * as z from 'zod/mini'
import type { AckRequest, AckResult } from '../../protocol/ack.js'
import type { InboxChanges, InboxCounts, InboxList } from '../../protocol/inbox.js'
import type { MarkRequest, MarkResult } from '../../protocol/mark.js'
import type { Notification, NotificationContent } from '../../protocol/notification.js'
import type { SendRequest } from '../../protocol/send.js'
import { encodePage } from '../query.js'

// One story through all of them: a shop tells u_42 that an order is on its way.

export const NOTIFICATION_ID = '01a202b2-c57b-7c3e-9a41-5d0be7f2c318'
export const EPOCH = 'm3Jd0qYw'
export const DEVICE = 'phone'

export const CREATED_AT = '2026-11-22T10:00:00.123Z'
export const USER = 'u_42'

export const SAID = {
  type: 'order.shipped',
  title: 'Shipped',
  body: 'Arrives Tuesday',
  url: 'https://shop.example/o/8812',
  icon: '/icons/box.png',
  data: { order: 8812 },
  priority: 'normal',
} satisfies Partial<SendRequest>

export const CONTENT = {
  id: NOTIFICATION_ID,
  ...SAID,
  collapseKey: null,
  topic: null,
  sender: 'shop',
  createdAt: CREATED_AT,
  expiresAt: null,
} satisfies NotificationContent

/** Where the log stands when it has come. */
const LATEST = 1087

export const NOTIFICATION = {
  ...CONTENT,
  seq: LATEST,
  arrivedSeq: LATEST,
  seenAt: null,
  readAt: null,
  archivedAt: null,
} satisfies Notification

const COUNTS = { unread: 3, unseen: 1 }

export const INBOX_COUNTS = {
  ...COUNTS,
  latest: LATEST,
  epoch: EPOCH,
} satisfies InboxCounts

export const INBOX_PAGE = encodePage({ before: 1038 })

export const INBOX_LIST = {
  items: [NOTIFICATION],
  nextPage: encodePage({ before: NOTIFICATION.arrivedSeq }),
  ...INBOX_COUNTS,
} satisfies z.infer<typeof InboxList>

export const READ_AT = '2026-11-22T10:04:31.870Z'

/** The last page of the log of a device that has what came before. */
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
    {
      type: 'removed',
      payload: {
        seq: NOTIFICATION.seq + 2,
        id: '01a2029f-5b1c-7d04-a3e2-9b6d1f80c4a7',
        collapseKey: 'order-8790',
        reason: 'recalled',
      },
    },
  ],
  next: NOTIFICATION.seq + 2,
  caughtUp: true,
  ...COUNTS,
  epoch: EPOCH,
} satisfies z.infer<typeof InboxChanges>

/** The first page of one who was away for so long that retention has removed some of what it missed. */
export const INBOX_CHANGES_AFTER_A_GAP = {
  events: [
    { type: 'gap', payload: { from: 80, to: 412, reason: 'retention' } },
    {
      type: 'notification',
      payload: { seq: NOTIFICATION.seq, notification: NOTIFICATION, replayed: true },
    },
  ],
  next: NOTIFICATION.seq,
  caughtUp: false,
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
