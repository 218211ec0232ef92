// Pages are compiled with older libraries, which don't know AsyncDisposable.
/// <reference lib="esnext.disposable" preserve="true" />
import type { MarkResult } from '../protocol/mark.js'
import type { Counts, Handler, InboxEvents } from './events.js'
import type { Notification } from './frames.js'
import type { Status } from './status.js'

export type { MarkResult }

/**
 * The id of one notification, several, or `'all'` where that is said: what had arrived, as far as this device knows. An empty list
 * rejects with `invalid_message`, as in the service: there are no counts to answer it with.
 */
export type Ids = string | readonly string[]

/**
 * A user's inbox on this device. Commands wait for the connection; they reject with an `InboxError`, whose `code` is the service's,
 * `deadline_exceeded` or `closed`.
 */
export interface Inbox extends AsyncDisposable {
  /**
   * Listens; gives what ends that. `notification`, `updated`, `removed` and `gap` come in the order of the log, one after the other:
   * each is acknowledged when all its handlers, async ones too, have finished.
   * @throws TypeError where there is no such event, or no handler
   */
  on<Name extends keyof InboxEvents>(name: Name, handler: Handler<InboxEvents[Name]>): () => void
  readonly status: Status
  /** Undefined until the service has told them. */
  readonly counts: Counts | undefined
  /** What is in the inbox and not archived, newest first, at most `maxItems` and what `loadMore` adds. */
  items(): Notification[]
  /** Whether the inbox has older ones than `items()`, as far as is known: told by `items` too. */
  readonly hasMore: boolean
  /** Raises by 50, for good, how many `items()` holds; resolves when they are listed. Calls at the same time are one. */
  loadMore(): Promise<void>
  /** Takes `'all'`, as `markSeen` and `archive` do. */
  markRead(which: Ids): Promise<MarkResult>
  markSeen(which: Ids): Promise<MarkResult>
  markUnread(which: Ids): Promise<MarkResult>
  archive(which: Ids): Promise<MarkResult>
  unarchive(which: Ids): Promise<MarkResult>
  /** Subscribes the user to a topic that the token's `topics` allow. */
  subscribe(topic: string): Promise<void>
  unsubscribe(topic: string): Promise<void>
  /**
   * Hands nothing over any more, waits at most 2 s for the handler that runs, ends the connection and fails the commands that wait.
   */
  close(): Promise<void>
}
