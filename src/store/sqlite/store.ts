import type * as Inbox from '../../inbox/store.js'
import type { NotificationOverview } from '../../protocol/send.js'
import { ThreadChannel } from './channel.js'
import type { ReaderOperations, WriterOperations } from './operations.js'

/** The store in one SQLite file: a thread that writes and a thread that reads, so that the event loop waits for neither. */
export class SqliteStore implements Inbox.Store {
  readonly #writer: ThreadChannel<WriterOperations>
  readonly #reader: ThreadChannel<ReaderOperations>

  private constructor(
    writer: ThreadChannel<WriterOperations>,
    reader: ThreadChannel<ReaderOperations>,
  ) {
    this.#writer = writer
    this.#reader = reader
  }

  /**
   * Opens the file, makes it where there is none, and brings it to this version's schema.
   * @throws Error where it can't be opened, or is of a newer version
   */
  static async open(path: string): Promise<SqliteStore> {
    const writer = await ThreadChannel.open<WriterOperations>({ role: 'writer', path })
    try {
      return new SqliteStore(
        writer,
        await ThreadChannel.open<ReaderOperations>({ role: 'reader', path }),
      )
    } catch (error) {
      await writer.close()
      throw error
    }
  }

  send(command: Inbox.SendCommand): Promise<Inbox.SendOutcome> {
    return this.#writer.request('send', command)
  }

  openDevice(command: Inbox.OpenDevice): Promise<Inbox.OpenedDevice> {
    return this.#writer.request('openDevice', command)
  }

  acknowledge(command: Inbox.Acknowledge): Promise<Inbox.AcknowledgeOutcome> {
    return this.#writer.request('acknowledge', command)
  }

  mark(command: Inbox.MarkStep): Promise<Inbox.MarkedStep> {
    return this.#writer.request('mark', command)
  }

  changes(query: Inbox.ChangesQuery): Promise<Inbox.ChangesPage> {
    return this.#reader.request('changes', query)
  }

  list(query: Inbox.ListQuery): Promise<Inbox.ListPage> {
    return this.#reader.request('list', query)
  }

  entry(query: { user: string; id: string }): Promise<Inbox.Entry | undefined> {
    return this.#reader.request('entry', query)
  }

  head(user: string): Promise<Inbox.LogHead> {
    return this.#reader.request('head', user)
  }

  latest(users: readonly string[]): Promise<Map<string, number>> {
    return this.#reader.request('latest', users)
  }

  notification(id: string): Promise<NotificationOverview | undefined> {
    return this.#reader.request('notification', id)
  }

  deliveries(query: Inbox.DeliveriesQuery): Promise<Inbox.DeliveriesPage | undefined> {
    return this.#reader.request('deliveries', query)
  }

  async check(): Promise<void> {
    await Promise.all([
      this.#writer.request('check', undefined),
      this.#reader.request('check', undefined),
    ])
  }

  async close(): Promise<void> {
    this.#writer.refuse()
    // The writer ends last: its checkpoint needs no reader in its way.
    await this.#reader.close()
    await this.#writer.close()
  }
}
