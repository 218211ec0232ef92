// What both entries export beside `connect`.
export type { OnPoison, PoisonEvent, PoisonVerdict } from './deliverer.js'
export type { ClientStorage } from './environment.js'
export { InboxError, type InboxErrorCode } from './errors.js'
export type {
  Counts,
  FrameEvent,
  GapEvent,
  Handler,
  InboxEvents,
  NotificationEvent,
  RemovedEvent,
  UpdatedEvent,
} from './events.js'
export type { Notification, NotificationContent } from './frames.js'
export type { Ids, Inbox, MarkResult } from './inbox.js'
export type { ConnectOptions } from './options.js'
export type { ClosedWhy, FailedWhy, Status } from './status.js'
