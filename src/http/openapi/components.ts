import * as z from 'zod/mini'
import { AckRequest, AckResult } from '../../protocol/ack.js'
import { Batch, BatchItem, BatchResult } from '../../protocol/batch.js'
import {
  Connection,
  ConnectionList,
  DisconnectRequest,
  DisconnectResult,
} from '../../protocol/connections.js'
import { Delivery, DeliveryList } from '../../protocol/deliveries.js'
import { Device, DeviceList } from '../../protocol/devices.js'
import { GapMessage } from '../../protocol/down/gap.js'
import { NotificationMessage } from '../../protocol/down/notification.js'
import { RemovalReason, RemovedMessage } from '../../protocol/down/removed.js'
import { UpdatedMessage } from '../../protocol/down/updated.js'
import { Violation } from '../../protocol/errors.js'
import {
  CollapseKey,
  ConnectionId,
  DeviceId,
  Epoch,
  NotificationId,
  NotificationType,
  Seq,
  Timestamp,
  Topic,
  UserId,
} from '../../protocol/identifiers.js'
import { InboxChanges, InboxCounts, InboxFilter, InboxList } from '../../protocol/inbox.js'
import { MarkAction, MarkRequest, MarkResult } from '../../protocol/mark.js'
import { Notification, Priority } from '../../protocol/notification.js'
import { Problem } from '../../protocol/problem.js'
import { RevocationRequest } from '../../protocol/revocation.js'
import {
  NotificationOverview,
  NotificationStatus,
  RecallReceipt,
  SendReceipt,
  SendRequest,
} from '../../protocol/send.js'
import {
  SubscriberList,
  SubscribersRequest,
  SubscribersResult,
  TopicList,
} from '../../protocol/topics.js'

interface Component {
  schema: z.ZodMiniType
  description: string
  /** What is to be said of single fields. */
  fields: Record<string, string | undefined>
  /** Fields that the schema lets be absent, since an error of their own asks for them. */
  alsoRequired: string[]
}

/** Takes descriptions only for fields that the schema has. */
function component<Value>(
  schema: z.ZodMiniType<Value>,
  description: string,
  fields: { [Field in keyof Value & string]?: string } = {},
  alsoRequired: (keyof Value & string)[] = [],
): Component {
  return { schema, description, fields, alsoRequired }
}

const COUNTS = {
  unread: 'In the inbox, not read, not archived.',
  unseen: 'In the inbox, not seen, not archived.',
}

const CONTENT = {
  sender: 'The `sub` of the service that sent it.',
  data: 'Whatever JSON the service gave.',
  expiresAt: 'null where it does not expire.',
}

const EPOCH = 'Without it, the answer is `epoch_required`.'

const NEXT_PAGE = 'Hand it back as `page`; null on the last page.'

const [MarkByIds, MarkUpTo] = MarkRequest._zod.def.options

/** What `/healthz` and `/readyz` answer when all is well. */
const ProbeAnswer = z.object({ status: z.enum(['ok', 'ready']) })

/** The schemas of the wire, under the names that the document gives them. */
export const COMPONENTS = {
  UserId: component(UserId, 'A user: 1–255 characters, no control characters.'),
  DeviceId: component(DeviceId, 'A device of a user, named by the client.'),
  ConnectionId: component(ConnectionId, 'A live connection, as `welcome` named it; opaque.'),
  NotificationId: component(NotificationId, 'A notification: a UUIDv7 (RFC 9562), lower case.'),
  NotificationType: component(NotificationType, 'What kind it is, for the application.'),
  CollapseKey: component(
    CollapseKey,
    'Names what it is about: of those with one key a user keeps the newest.',
  ),
  Seq: component(Seq, "A position in a user's log; it only grows."),
  Epoch: component(
    Epoch,
    "One life of a user's log; opaque. Positions of another epoch mean nothing.",
  ),
  Timestamp: component(Timestamp, 'RFC 3339, UTC, with milliseconds.'),
  Topic: component(Topic, 'What users subscribe to, and services send to.'),
  Priority: component(Priority, 'How urgent it is, for whoever shows it.'),
  NotificationStatus: component(NotificationStatus, 'What became of a notification as a whole.'),
  Target: component(
    SendRequest.shape.to,
    'Whom it is for: one user; several, of whom each counts once; those who are subscribed to a topic; everyone; or, ' +
      'with a `ttl` of 0, one device or one connection.',
  ),
  SendRequest: component(
    SendRequest,
    'A notification to send. Only `to` and `type` are required; null stands for absent.',
    {
      url: 'Where it leads: http(s), or a path with one `/` not followed by `/` or `\\`.',
      icon: 'As `url`.',
      data: 'Any JSON value, nested at most 64 deep.',
      priority: 'Default: normal.',
      ttl:
        'Seconds that it lives, from `deliverAt` where there is one. 0: only to the sockets that are connected now, never ' +
        'stored.',
      collapseKey: 'It takes the place of an older one with this key in the inbox.',
      deliverAt:
        'When it is to arrive (RFC 3339), at most a year ahead; what has passed already arrives now.',
    },
  ),
  Recipients: component(SendReceipt.shape.recipients, 'How many users it reached.', {
    total:
      'Users that it was meant for, each counted once. Of one that is `sent` to a topic, to everyone or to one connection: ' +
      'those who were connected.',
    stored: 'Users in whose inbox it was stored.',
  }),
  Batch: component(Batch, 'Up to 500 notifications to send.'),
  BatchItem: component(BatchItem, 'A notification to send, in a batch.', {
    idempotencyKey: 'As the header `Idempotency-Key` of a single send.',
  }),
  BatchResult: component(BatchResult, 'What became of each item of a batch.'),
  SendReceipt: component(SendReceipt, 'The answer to a send.', {
    seq: "Where it stands in the user's log; only where it was sent to one user.",
    expiresAt: CONTENT.expiresAt,
  }),
  NotificationOverview: component(
    NotificationOverview,
    'A notification as the services see it.',
    CONTENT,
  ),
  RecallReceipt: component(RecallReceipt, 'The answer to a recall.', {
    recipients: 'As when it was recalled.',
  }),
  Delivery: component(
    Delivery,
    'What became of a notification on one device of one of its users.',
    {
      device: 'null where the user has no device.',
      status:
        '`delivered` wins over what came later. `skipped`: the device passed it by `cursor=latest`. `replaced`: a newer ' +
        'one of its collapse key took its place, or was there before it. `removed`: retention took it.',
    },
  ),
  DeliveryList: component(DeliveryList, 'A page of deliveries, by user and device.', {
    nextPage: NEXT_PAGE,
  }),
  Notification: component(
    Notification,
    "A notification as its user sees it everywhere: its content, and where it stands in the user's log.",
    {
      ...CONTENT,
      seq: 'Where its latest change stands in the log; keep the copy with the higher one.',
      arrivedSeq: "Where its content came; marks don't change it. Lists order by it.",
    },
  ),
  NotificationMessage: component(
    NotificationMessage,
    'A notification, in the form that the socket sends.',
  ),
  UpdatedMessage: component(
    UpdatedMessage,
    'The state of a notification whose content the device has, in the form that the socket sends.',
  ),
  RemovalReason: component(RemovalReason, 'Why it was taken out of the inbox.'),
  RemovedMessage: component(
    RemovedMessage,
    'A notification was taken out of the inbox, in the form that the socket sends: drop what has its `id`, or its ' +
      '`collapseKey` and a lower `seq`.',
  ),
  GapMessage: component(
    GapMessage,
    'Entries in (`from`, `to`] may no longer exist, in the form that the socket sends: list the inbox again.',
  ),
  InboxFilter: component(InboxFilter, 'Which notifications are listed.'),
  InboxList: component(InboxList, 'A page of the inbox, newest first.', {
    ...COUNTS,
    nextPage: NEXT_PAGE,
    latest: 'The highest `seq` of the log: where a replay of later changes starts.',
  }),
  InboxCounts: component(InboxCounts, 'Where the inbox stands.', {
    ...COUNTS,
    latest: 'The highest `seq` of the log.',
  }),
  InboxChanges: component(InboxChanges, "A page of the user's log, in `seq` order.", {
    ...COUNTS,
    next: 'What to ask `after` next.',
    caughtUp: 'Whether the page reaches the end of the log.',
  }),
  MarkAction: component(
    MarkAction,
    'What is said of notifications. `read` sets `seenAt` too, `archived` sets `seenAt` and `readAt` too; `unread` ' +
      'clears `readAt` alone, `unarchived` clears `archivedAt` alone.',
  ),
  MarkByIds: component(MarkByIds, 'Marks single notifications.', {
    ids: "Those that aren't in this inbox are passed over.",
  }),
  MarkUpTo: component(
    MarkUpTo,
    'Marks all that has arrived so far.',
    {
      upTo: 'Notifications with an `arrivedSeq` up to this, wherever they stand now.',
      type: 'Only notifications of this type.',
      epoch: EPOCH,
    },
    ['epoch'],
  ),
  MarkRequest: component(MarkRequest, 'What to mark, and how.'),
  MarkResult: component(MarkResult, 'Where the inbox stands once all is marked.', {
    ...COUNTS,
    updated: 'Notifications that changed; each took the next `seq`.',
    latest: 'The highest `seq` of the log.',
  }),
  AckRequest: component(
    AckRequest,
    'A device has all up to here.',
    {
      device: 'One that has opened a socket before.',
      seq: 'At most the `latest` of the log.',
      epoch: EPOCH,
    },
    ['epoch'],
  ),
  AckResult: component(AckResult, 'Where the device stands, on disk.', {
    cursor: 'The highest `seq` that the device has acknowledged; it never moves back.',
  }),
  Device: component(Device, "A durable reader of a user's log.", {
    cursor: 'The highest `seq` that it has acknowledged.',
    latest: 'The highest `seq` of the log.',
    online: 'Whether it has a connection now.',
    lastSeenAt: 'When it last connected, acknowledged, or its connection ended.',
  }),
  DeviceList: component(DeviceList, 'A page of devices.', { nextPage: NEXT_PAGE }),
  Connection: component(Connection, 'A socket that is connected now.', {
    heardAt: 'When its client last gave a sign of life, be it only the answer to a ping.',
  }),
  ConnectionList: component(ConnectionList, 'A page of connections.', { nextPage: NEXT_PAGE }),
  DisconnectRequest: component(
    DisconnectRequest,
    "Which of a user's connections to end: all, or only what is named.",
    { reconnect: 'Default: true. Whether the client may come again.' },
  ),
  DisconnectResult: component(DisconnectResult, 'What was ended.', {
    closed: 'Connections that were ended.',
  }),
  RevocationRequest: component(
    RevocationRequest,
    'One token by its `jti`, or all of a user that were issued before a time.',
    {},
  ),
  SubscribersRequest: component(
    SubscribersRequest,
    "A change of a topic's subscribers: at most 1,000 users in both lists together.",
    {
      add: 'Those who are to be subscribed; one who is not known is made.',
      remove: 'Those who are to be subscribed no more; none of those in `add`.',
    },
  ),
  SubscribersResult: component(SubscribersResult, 'What has changed.', {
    added: 'Subscriptions that were made: who was subscribed before does not count.',
    removed: 'Subscriptions that were ended.',
  }),
  SubscriberList: component(
    SubscriberList,
    'A page of the subscribers of a topic. `own` tells whether the user has subscribed by itself.',
    { nextPage: NEXT_PAGE },
  ),
  TopicList: component(
    TopicList,
    'A page of the topics of a user. `own` tells whether the user has subscribed by itself.',
    { nextPage: NEXT_PAGE },
  ),
  ProbeAnswer: component(ProbeAnswer, 'All is well.'),
  Violation: component(Violation, 'One thing wrong with the input.', {
    pointer: 'Where: a JSON pointer (RFC 6901) into the body or the query.',
  }),
  Problem: component(Problem, 'An error (RFC 9457).', {
    title: 'What went wrong, the same for each occurrence.',
    detail: 'What went wrong this time, for people.',
    code: 'Stable: callers may switch on it.',
    requestId: "As in `X-Request-Id`; it finds the request in the service's log.",
    errors: 'What is wrong with the input, where that is the error.',
  }),
} satisfies Record<string, Component>

export type ComponentName = keyof typeof COMPONENTS
