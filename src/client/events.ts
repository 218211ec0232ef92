import { InboxError } from './errors.js'
import type { Notification, NotificationContent } from './frames.js'
import type { Status } from './status.js'

/** A notification came, whole. */
export interface NotificationEvent {
  notification: Notification
  /** Whether it stood in the log before this connection: what was missed. */
  replayed: boolean
  /** False where this process has handed its content over before, and only its state is another. */
  isNew: boolean
}

/** The state of a notification has changed. */
export interface UpdatedEvent {
  id: string
  seq: number
  seenAt: string | null
  readAt: string | null
  archivedAt: string | null
  replayed: boolean
  /** The notification as it is now, where it is held. */
  notification: Notification | undefined
}

/** A notification was taken out of the inbox: the one of this id, and what has this key and a lower `seq`. */
export interface RemovedEvent {
  id: string
  seq: number
  collapseKey: string | undefined
  /** `recalled` or `expired`. */
  reason: string
  replayed: boolean
}

/** Entries in (from, to] may no longer exist; the inbox is being listed again. */
export interface GapEvent {
  from: number
  to: number
  /** `epoch`: the log has another life. `retention`: they grew too old, or too many. */
  reason: string
}

export interface Counts {
  unread: number
  unseen: number
}

/** A text that went over the socket: a frame or an array of them, but that a token of ours is not shown. */
export interface FrameEvent {
  direction: 'sent' | 'received'
  text: string
}

export interface InboxEvents {
  notification: NotificationEvent
  updated: UpdatedEvent
  removed: RemovedEvent
  gap: GapEvent
  /** For the sockets that are connected now: in no log, acknowledged by nobody. */
  ephemeral: { notification: NotificationContent }
  counts: Counts
  /** What `items()` gives has changed; told once for all that changed at one moment. */
  items: Notification[]
  status: Status
  error: InboxError
  /** What goes over the wire, for whoever wants to look at it; where tabs share a connection, in the tab that has it. */
  frame: FrameEvent
}

/** What comes from the log, in its order, and is acknowledged when its handlers have finished. */
export type LogEventName = 'notification' | 'updated' | 'removed' | 'gap'

export type Handler<Event> = (event: Event) => unknown

type Handlers = { [Name in keyof InboxEvents]: Set<Handler<InboxEvents[Name]>> }

/** Who listens for what. */
export class Emitter {
  readonly #handlers: Handlers = {
    notification: new Set(),
    updated: new Set(),
    removed: new Set(),
    gap: new Set(),
    ephemeral: new Set(),
    counts: new Set(),
    items: new Set(),
    status: new Set(),
    error: new Set(),
    frame: new Set(),
  }

  /** Gives what takes the handler off again. @throws TypeError where there is no such event, or no handler */
  on<Name extends keyof InboxEvents>(name: Name, handler: Handler<InboxEvents[Name]>): () => void {
    // Plain JavaScript has no types that would tell.
    if (!Object.hasOwn(this.#handlers, name)) {
      const names = Object.keys(this.#handlers).join(', ')
      throw new TypeError(`there is no event '${name}'; there are ${names}`)
    }
    if (typeof handler !== 'function') {
      throw new TypeError(`the handler of '${name}' is a function`)
    }
    const handlers: Set<Handler<InboxEvents[Name]>> = this.#handlers[name]
    handlers.add(handler)
    return () => void handlers.delete(handler)
  }

  handlers<Name extends keyof InboxEvents>(name: Name): Handler<InboxEvents[Name]>[] {
    const handlers: Set<Handler<InboxEvents[Name]>> = this.#handlers[name]
    return [...handlers]
  }

  /** Whether anybody listens: what nobody hears need not be made. */
  isHeard(name: keyof InboxEvents): boolean {
    return this.#handlers[name].size > 0
  }

  /** Tells what nobody acknowledges: a handler that throws is reported, and keeps nobody else from hearing. */
  emit<Name extends keyof InboxEvents>(name: Name, event: InboxEvents[Name]): void {
    for (const handler of this.handlers(name)) {
      void call(handler, event).catch((cause: unknown) => {
        // What throws while it is told of an error has nobody to be told to.
        if (name !== 'error') this.emit('error', handlerFailed(name, cause))
      })
    }
  }
}

/** Calls a handler, sync or async, as one promise. */
export async function call<Event>(handler: Handler<Event>, event: Event): Promise<void> {
  await handler(event)
}

export function handlerFailed(name: string, cause: unknown): InboxError {
  const detail = `A handler of '${name}' has failed.`
  return new InboxError('handler_failed', detail, { retryable: false, cause })
}
