import type * as Inbox from '../../inbox/store.js'
import type * as Deliveries from '../../inbox/stores/deliveries.js'
import type * as Lifetimes from '../../inbox/stores/lifetimes.js'
import type * as People from '../../inbox/stores/people.js'
import type * as Revocations from '../../inbox/stores/revocations.js'
import type * as Topics from '../../inbox/stores/topics.js'
import { isStoreTrouble, PosthornError } from '../../protocol/errors.js'
import type { NotificationOverview } from '../../protocol/send.js'
import type { LogBounds } from '../log-bounds.js'
import { ThreadChannel, type ChannelOptions, type RequestCost } from './channel.js'
import { fileSizes, type FileSizes, type Figures } from './figures.js'
import type { ReaderOperations, WriterOperations } from './operations.js'
import { Together } from './together.js'

export interface SqliteStoreOptions extends Partial<ChannelOptions> {
  /** Whether all logs begin another life. Default: false. */
  newEpoch?: boolean
}

/** What the service does by itself, a step after the other. */
const OWN_WORK = { isBounded: true, isPrompt: true }

/** The store in one SQLite file: a thread that writes and a thread that reads, so that the event loop waits for neither. */
export class SqliteStore implements Inbox.Store {
  readonly #writer: ThreadChannel<WriterOperations>
  readonly #reader: ThreadChannel<ReaderOperations>
  readonly #path: string
  readonly #acks = new Together({
    keyOf: ({ user }: Inbox.Acknowledge) => user,
    // A connection has one or two under way, so they are bounded.
    ask: (commands) =>
      this.#writer.request('acknowledge', commands, { isBounded: true, writes: commands.length }),
  })

  private constructor(
    path: string,
    writer: ThreadChannel<WriterOperations>,
    reader: ThreadChannel<ReaderOperations>,
  ) {
    this.#path = path
    this.#writer = writer
    this.#reader = reader
  }

  /**
   * Opens the file, makes it where there is none, and brings it to this version's schema. With `newEpoch`, and where the file is a copy
   * that nobody has opened yet, all logs begin another life.
   * @throws Error where it can't be opened, or is of a newer version
   */
  static async open(
    path: string,
    bounds: LogBounds,
    { newEpoch = false, ...told }: SqliteStoreOptions = {},
  ): Promise<SqliteStore> {
    const data = { path, bounds, newEpoch }
    const writer = await ThreadChannel.open<WriterOperations>({ role: 'writer', ...data }, told)
    try {
      return new SqliteStore(
        path,
        writer,
        await ThreadChannel.open<ReaderOperations>({ role: 'reader', ...data }, told),
      )
    } catch (error) {
      await writer.close()
      throw error
    }
  }

  send(command: Inbox.SendCommand): Promise<Inbox.SendOutcome> {
    const cost = { characters: charactersOf(command) }
    // What it brings may push out what its users have just acknowledged; with others those who acknowledge have nothing to do.
    const { target, collapseKey } = command
    const isApart =
      target.kind !== 'users' || !target.users.some((user) => this.#acks.concern(user))
    if (isApart && collapseKey === undefined) return this.#writer.request('send', command, cost)
    return this.#write('send', command, cost)
  }

  async openDevice(
    command: Inbox.OpenDevice & Inbox.DeviceBounds,
  ): Promise<Inbox.OpenedDevice & { evicted: People.RemovedDevice[] }> {
    try {
      return await this.#write('openDevice', command)
    } catch (error) {
      // While nothing can be written whoever is known still reads.
      const isAway = error instanceof PosthornError && isStoreTrouble(error.code)
      const opened = isAway && (await this.#reader.request('openKnownDevice', command))
      if (!opened) throw error
      return { ...opened, evicted: [] }
    }
  }

  acknowledge(command: Inbox.Acknowledge): Promise<Inbox.AcknowledgeOutcome> {
    return this.#acks.add(command)
  }

  mark(command: Inbox.MarkStep): Promise<Inbox.MarkedStep> {
    const { entries } = command
    const characters = entries.kind === 'ids' ? sumOf(entries.ids) : 0
    return this.#write('mark', command, { characters })
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

  notification(query: Deliveries.NotificationQuery): Promise<NotificationOverview | undefined> {
    return this.#reader.request('notification', query)
  }

  deliveries(query: Deliveries.DeliveriesQuery): Promise<Deliveries.DeliveriesPage | undefined> {
    return this.#reader.request('deliveries', query)
  }

  recall(command: Lifetimes.RecallCommand): Promise<Lifetimes.RecallOutcome> {
    return this.#write('recall', command)
  }

  due(at: number): Promise<Lifetimes.Due> {
    return this.#reader.request('due', at)
  }

  expire(command: { at: number; limit: number }): Promise<Lifetimes.Removal[]> {
    return this.#write('expire', command, OWN_WORK)
  }

  fire(command: { at: number; limit: number }): Promise<Lifetimes.Arrived[]> {
    return this.#write('fire', command, OWN_WORK)
  }

  stepFanOut(command: { at: number; limit: number }): Promise<Topics.FanOutStep | undefined> {
    return this.#write('stepFanOut', command, OWN_WORK)
  }

  subscribe(command: Topics.Subscribe): Promise<Topics.SubscribeOutcome> {
    return this.#write('subscribe', command)
  }

  unsubscribe(command: Topics.Unsubscribe): Promise<Topics.UnsubscribeOutcome> {
    return this.#write('unsubscribe', command)
  }

  changeSubscribers(command: Topics.ChangeSubscribers): Promise<Topics.SubscribersChanged> {
    const characters = sumOf(command.add) + sumOf(command.remove)
    return this.#write('changeSubscribers', command, { characters })
  }

  subscribers(query: Topics.SubscribersQuery): Promise<Topics.SubscribersPage> {
    return this.#reader.request('subscribers', query)
  }

  topics(query: Topics.TopicsQuery): Promise<Topics.TopicsPage> {
    return this.#reader.request('topics', query)
  }

  overfull(query: Lifetimes.OverfullQuery): Promise<Lifetimes.Overfull> {
    return this.#reader.request('overfull', query)
  }

  trim(command: Lifetimes.TrimCommand): Promise<Lifetimes.Trimmed> {
    return this.#write('trim', command, OWN_WORK)
  }

  forgettable(query: Lifetimes.ForgettableQuery): Promise<Lifetimes.Forgettable> {
    return this.#reader.request('forgettable', query)
  }

  forget(command: Lifetimes.ForgetCommand): Promise<{ more: boolean }> {
    return this.#write('forget', command, OWN_WORK)
  }

  devices(query: People.DevicesQuery): Promise<People.DevicesPage> {
    return this.#reader.request('devices', query)
  }

  seeDevice(command: People.SeeDevice): Promise<void> {
    return this.#write('seeDevice', command)
  }

  removeDevice(command: People.RemoveDevice): Promise<People.RemovedDevice | undefined> {
    return this.#write('removeDevice', command)
  }

  forgetDeliveries(
    command: People.ForgetDeliveries,
  ): Promise<{ next: People.DeliveriesStep | undefined }> {
    return this.#write('forgetDeliveries', command)
  }

  unseenDevices(query: People.UnseenQuery): Promise<People.UnseenDevices> {
    return this.#reader.request('unseenDevices', query)
  }

  subscribed(query: { topic: string; users: readonly string[] }): Promise<string[]> {
    return this.#reader.request('subscribed', query)
  }

  keepReceipt(command: People.KeepReceipt): Promise<People.KeptReceipt> {
    return this.#write('keepReceipt', command)
  }

  erase(command: { user: string; limit: number }): Promise<People.ErasureBegun> {
    return this.#write('erase', command)
  }

  purge(command: { erasure?: number; limit: number }): Promise<{ more: boolean }> {
    return this.#write('purge', command, OWN_WORK)
  }

  revoke(revocation: Revocations.Revocation): Promise<void> {
    return this.#write('revoke', revocation)
  }

  revocations(query: Revocations.RevocationsQuery): Promise<Revocations.RevocationsPage> {
    return this.#reader.request('revocations', query)
  }

  forgetRevocations(command: { before: number; limit: number }): Promise<{ more: boolean }> {
    return this.#write('forgetRevocations', command, OWN_WORK)
  }

  /** Requests that wait for each of the two threads. */
  get waiting(): { writer: number; reader: number } {
    return { writer: this.#writer.waiting, reader: this.#reader.waiting }
  }

  /** What an operator wants to know of what is stored. */
  figures(): Promise<Figures> {
    return this.#reader.request('figures', undefined)
  }

  /** What the database takes of its disk, and what is left there; asks no thread. */
  sizes(): Promise<FileSizes> {
    return fileSizes(this.#path)
  }

  /** What was acknowledged before comes first: what has reached a device counts as delivered, whatever becomes of it then. */
  #write<Name extends keyof WriterOperations>(
    operation: Name,
    input: Parameters<WriterOperations[Name]>[0],
    cost?: RequestCost,
  ): Promise<ReturnType<WriterOperations[Name]>> {
    this.#acks.flush()
    return this.#writer.request(operation, input, cost)
  }

  async check(): Promise<void> {
    await Promise.all([this.#writer.check(), this.#reader.check()])
  }

  async close(): Promise<void> {
    this.#acks.flush()
    this.#writer.refuse()
    // The writer ends last: its checkpoint needs no reader in its way.
    await this.#reader.close()
    await this.#writer.close()
  }
}

/** Characters that a send holds while it waits. */
function charactersOf({ contentJson, target }: Inbox.SendCommand): number {
  return contentJson.length + sumOf(target.kind === 'users' ? target.users : [])
}

function sumOf(names: readonly string[]): number {
  return names.reduce((sum, name) => sum + name.length, 0)
}
