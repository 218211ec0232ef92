import * as z from 'zod/mini'
import { AcceptedItem, BatchResult, RefusedItem } from '../protocol/batch.js'
import { Delivery, DeliveryList } from '../protocol/deliveries.js'
import { Violation } from '../protocol/errors.js'
import { InboxList } from '../protocol/inbox.js'
import { Notification, Priority } from '../protocol/notification.js'
import { Problem } from '../protocol/problem.js'
import {
  NotificationOverview,
  NotificationStatus,
  RecallReceipt,
  SendReceipt,
} from '../protocol/send.js'

// The protocol's answers as a client reads them: a newer service may use values that this version does not know, and they are
// no reason to lose the answer. (Fields that it does not know are passed over by the schemas themselves.)

/** A text that is none of those that this version knows; editors still offer the known ones beside it. */
export type Newer = string & Record<never, never>
const Newer = z.custom<Newer>((value) => typeof value === 'string')

export const Receipt = z.extend(SendReceipt, { status: z.union([NotificationStatus, Newer]) })
export type Receipt = z.infer<typeof Receipt>

export const Overview = z.extend(NotificationOverview, {
  status: z.union([NotificationStatus, Newer]),
  priority: z.union([Priority, Newer]),
})
export type Overview = z.infer<typeof Overview>

export const Recalled = z.extend(RecallReceipt, {
  status: z.union([RecallReceipt.shape.status, Newer]),
})
export type Recalled = z.infer<typeof Recalled>

export const Deliveries = z.extend(DeliveryList, {
  items: z.array(z.extend(Delivery, { status: z.union([Delivery.shape.status, Newer]) })),
})
export type DeliveryOfUser = z.infer<typeof Deliveries>['items'][number]

export const InboxPage = z.extend(InboxList, {
  items: z.array(z.extend(Notification, { priority: z.union([Priority, Newer]) })),
})
export type InboxPage = z.infer<typeof InboxPage>

export const ProblemAnswer = z.extend(Problem, {
  errors: z.optional(
    z.array(z.extend(Violation, { code: z.union([Violation.shape.code, Newer]) })),
  ),
})
export type ProblemAnswer = z.infer<typeof ProblemAnswer>

export const BatchAnswer = z.extend(BatchResult, {
  results: z.array(
    z.union([
      z.extend(AcceptedItem, { notification: Receipt }),
      z.extend(RefusedItem, { problem: ProblemAnswer }),
    ]),
  ),
})
