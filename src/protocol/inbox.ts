import * as z from 'zod/mini'
import { GapMessage } from './down/gap.js'
import { NotificationMessage } from './down/notification.js'
import { RemovedMessage } from './down/removed.js'
import { UpdatedMessage } from './down/updated.js'
import { Count, Epoch, Seq } from './identifiers.js'
import { Notification } from './notification.js'

/** Which entries a list shows; without one, all that is not archived. */
export const InboxFilter = z.enum(['unread', 'unseen', 'archived', 'all'])
export type InboxFilter = z.infer<typeof InboxFilter>

const Counts = {
  /** In the inbox, not read, not archived. */
  unread: Count,
  /** In the inbox, not seen, not archived. */
  unseen: Count,
}

/** The answer to `GET /v1/inbox/counts`. */
export const InboxCounts = z.object({
  ...Counts,
  /** The highest `seq` of the log. */
  latest: Seq,
  epoch: Epoch,
})
export type InboxCounts = z.infer<typeof InboxCounts>

/** The answer to `GET /v1/inbox`, newest first. */
export const InboxList = z.object({
  items: z.array(Notification),
  nextPage: z.nullable(z.string()),
  ...Counts,
  latest: Seq,
  epoch: Epoch,
})

/** The answer to `GET /v1/inbox/changes`: the socket's replay over HTTP. */
export const InboxChanges = z.object({
  events: z.array(
    z.discriminatedUnion('type', [GapMessage, NotificationMessage, UpdatedMessage, RemovedMessage]),
  ),
  /** What to ask `after` next. */
  next: Seq,
  caughtUp: z.boolean(),
  ...Counts,
  epoch: Epoch,
})
