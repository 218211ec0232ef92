import type * as Inbox from '../../inbox/store.js'
import type * as Deliveries from '../../inbox/stores/deliveries.js'
import type * as Lifetimes from '../../inbox/stores/lifetimes.js'
import type * as People from '../../inbox/stores/people.js'
import type * as Revocations from '../../inbox/stores/revocations.js'
import type * as Topics from '../../inbox/stores/topics.js'
import { isStoreTrouble, PosthornError } from '../../protocol/errors.js'
import type { NotificationOverview } from '../../protocol/send.js'
import type { LogBounds } from '../log-bounds.js'
import { changes } from './changes.js'
import { PostgresCluster } from './cluster.js'
import { Condition, probe } from './condition.js'
import { acknowledgeAll, openDevices, openKnownDevice } from './cursors.js'
import { Database, unavailable, type Reads, type Transaction } from './database.js'
import { deliveries } from './deliveries.js'
import { entry, list } from './entries.js'
import { settleEpoch } from './epoch.js'
import { erase } from './erase.js'
import { due, expire } from './expire.js'
import { stepFanOut } from './fan-out.js'
import { figures, foldKnownUsers, sizes, type Figures } from './figures.js'
import { forget, forgettable } from './forget.js'
import { Lane } from './group.js'
import { head, latest } from './head.js'
import { keepReceipt } from './idempotency.js'
import {
  devices,
  forgetDeliveries,
  removeDevice,
  seeDevice,
  unseenDevices,
} from './known-devices.js'
import { mark } from './mark.js'
import { migrate } from './migrate.js'
import { notification } from './notifications.js'
import { purge } from './purge.js'
import { recall } from './recall.js'
import type { Report } from './report.js'
import { forgetRevocations, revocations, revoke } from './revocations.js'
import { fire } from './schedule.js'
import {
  changeSubscribers,
  subscribe,
  subscribed,
  subscribers,
  topics,
  unsubscribe,
} from './subscriptions.js'
import { overfull, trimUser } from './trim.js'
import { Turns } from './turns.js'

export interface PostgresStoreOptions {
  url: string
  bounds: LogBounds
  /** Which node this is: what it has begun others leave to it. */
  node: string
  /** Most connections. */
  connections?: number
  /** Whether all logs begin another life. Default: false. */
  newEpoch?: boolean
  /** Told of what an operator should know. */
  report?: Report
  /** Told of each transaction that has written: how many writes shared it, and how long it took until it was on disk. */
  committed?: (commit: { writes: number; seconds: number }) => void
}

/** A few hundred of them serve no more than a few dozen do: the server has so many cores and disks. */
const CONNECTIONS = 10

/** The store in a PostgreSQL database, which several nodes share. */
export class PostgresStore implements Inbox.Store {
  /** Which life of all logs this is: what tells the database from others, while no node begins another. */
  readonly epoch: string
  /** What nodes over this database know of each other. */
  readonly cluster: PostgresCluster
  readonly #database: Database
  readonly #condition: Condition
  readonly #bounds: LogBounds
  readonly #node: string
  readonly #lane: Lane
  readonly #turns = new Turns()
  readonly #committed: (commit: { writes: number; seconds: number }) => void
  /** What was asked and has no answer yet. */
  readonly #asked = {
    writing: new Set<Promise<unknown>>(),
    reading: new Set<Promise<unknown>>(),
  }
  /** The last step of a fan-out that was asked for. */
  #stepped: Promise<unknown> = Promise.resolve()
  #closing: Promise<void> | undefined

  private constructor(
    database: Database,
    {
      bounds,
      node,
      condition,
      epoch,
      committed = () => undefined,
    }: PostgresStoreOptions & { condition: Condition; epoch: string },
  ) {
    this.#database = database
    this.#condition = condition
    this.epoch = epoch
    this.cluster = new PostgresCluster(database)
    this.#bounds = bounds
    this.#node = node
    const operations = { acknowledgeAll, openDevices }
    this.#lane = new Lane({ database, bounds, operations, committed })
    this.#committed = committed
  }

  /**
   * Opens the database and brings it to this version's schema.
   * @throws Error where it can't be reached, is of a newer version, or is being filled by a move from another one
   */
  static async open(options: PostgresStoreOptions): Promise<PostgresStore> {
    const { url, connections = CONNECTIONS, newEpoch = false, report = () => undefined } = options
    const condition: Condition = new Condition({ probe: () => probe(database), report })
    const database = new Database({
      url,
      connections,
      report: () => condition.suspect(),
      failed: (trouble, error) => condition.failed(trouble, error),
    })
    try {
      await migrate(database)
      const epoch = await settleEpoch(database, { anew: newEpoch })
      return new PostgresStore(database, { ...options, condition, epoch })
    } catch (error) {
      condition.close()
      await database.close()
      throw toldInWords(error)
    }
  }

  send(command: Inbox.SendCommand): Promise<Inbox.SendOutcome> {
    return this.#take('writing', () => this.#lane.send(command))
  }

  async openDevice(
    command: Inbox.OpenDevice & Inbox.DeviceBounds,
  ): Promise<Inbox.OpenedDevice & { evicted: People.RemovedDevice[] }> {
    try {
      return await this.#take('writing', () => this.#lane.openDevice(command))
    } catch (error) {
      // While nothing can be written whoever is known still reads.
      const isAway = error instanceof PosthornError && isStoreTrouble(error.code)
      const opened = isAway && (await this.#read(openKnownDevice, command))
      if (!opened) throw error
      return { ...opened, evicted: [] }
    }
  }

  acknowledge(command: Inbox.Acknowledge): Promise<Inbox.AcknowledgeOutcome> {
    return this.#take('writing', () => this.#lane.acknowledge(command))
  }

  mark(command: Inbox.MarkStep): Promise<Inbox.MarkedStep> {
    return this.#write(mark, command, [command.user])
  }

  changes(query: Inbox.ChangesQuery): Promise<Inbox.ChangesPage> {
    return this.#read(changes, query)
  }

  list(query: Inbox.ListQuery): Promise<Inbox.ListPage> {
    return this.#read(list, query)
  }

  entry(query: { user: string; id: string }): Promise<Inbox.Entry | undefined> {
    return this.#read(entry, query)
  }

  head(user: string): Promise<Inbox.LogHead> {
    return this.#read(head, user)
  }

  latest(users: readonly string[]): Promise<Map<string, number>> {
    return this.#read(latest, users)
  }

  notification(query: Deliveries.NotificationQuery): Promise<NotificationOverview | undefined> {
    return this.#read(notification, query)
  }

  deliveries(query: Deliveries.DeliveriesQuery): Promise<Deliveries.DeliveriesPage | undefined> {
    return this.#read(deliveries, query)
  }

  recall(command: Lifetimes.RecallCommand): Promise<Lifetimes.RecallOutcome> {
    return this.#write(
      (transaction) => recall(transaction, command, { bounds: this.#bounds }),
      command,
    )
  }

  due(at: number): Promise<Lifetimes.Due> {
    return this.#read((reads) => due(reads, at, { node: this.#node }), at)
  }

  expire(command: { at: number; limit: number }): Promise<Lifetimes.Removal[]> {
    return this.#write(
      (transaction) => expire(transaction, command, { bounds: this.#bounds }),
      command,
    )
  }

  fire(command: { at: number; limit: number }): Promise<Lifetimes.Arrived[]> {
    return this.#write(
      (transaction) => fire(transaction, command, { bounds: this.#bounds }),
      command,
    )
  }

  /** One after the other on this node: one that comes meanwhile would find the job taken, and do nothing. */
  stepFanOut(command: { at: number; limit: number }): Promise<Topics.FanOutStep | undefined> {
    const options = { bounds: this.#bounds, node: this.#node }
    const step = this.#stepped.then(() =>
      this.#write((transaction) => stepFanOut(transaction, command, options), command),
    )
    this.#stepped = step.catch(() => undefined)
    return step
  }

  subscribe(command: Topics.Subscribe): Promise<Topics.SubscribeOutcome> {
    return this.#write(subscribe, command, [command.user])
  }

  unsubscribe(command: Topics.Unsubscribe): Promise<Topics.UnsubscribeOutcome> {
    return this.#write(unsubscribe, command, [command.user])
  }

  changeSubscribers(command: Topics.ChangeSubscribers): Promise<Topics.SubscribersChanged> {
    return this.#write(changeSubscribers, command, [...command.add, ...command.remove])
  }

  subscribers(query: Topics.SubscribersQuery): Promise<Topics.SubscribersPage> {
    return this.#read(subscribers, query)
  }

  topics(query: Topics.TopicsQuery): Promise<Topics.TopicsPage> {
    return this.#read(topics, query)
  }

  overfull(query: Lifetimes.OverfullQuery): Promise<Lifetimes.Overfull> {
    return this.#read((reads) => overfull(reads, query, { bounds: this.#bounds }), query)
  }

  trim(command: Lifetimes.TrimCommand): Promise<Lifetimes.Trimmed> {
    return this.#write(
      (transaction) => trimUser(transaction, command, { bounds: this.#bounds }),
      command,
      [command.user],
    )
  }

  async forgettable(query: Lifetimes.ForgettableQuery): Promise<Lifetimes.Forgettable> {
    // Retention begins to go through what there is: by one node, now and then.
    if (query.after === undefined) await this.#write(foldKnownUsers, undefined, [])
    return this.#read(forgettable, query)
  }

  forget(command: Lifetimes.ForgetCommand): Promise<{ more: boolean }> {
    return this.#write(forget, command)
  }

  devices(query: People.DevicesQuery): Promise<People.DevicesPage> {
    return this.#read(devices, query)
  }

  seeDevice(command: People.SeeDevice): Promise<void> {
    return this.#write(seeDevice, command, [command.user])
  }

  removeDevice(command: People.RemoveDevice): Promise<People.RemovedDevice | undefined> {
    return this.#write(removeDevice, command, [command.user])
  }

  forgetDeliveries(
    command: People.ForgetDeliveries,
  ): Promise<{ next: People.DeliveriesStep | undefined }> {
    return this.#write(forgetDeliveries, command)
  }

  unseenDevices(query: People.UnseenQuery): Promise<People.UnseenDevices> {
    return this.#read(unseenDevices, query)
  }

  subscribed(query: { topic: string; users: readonly string[] }): Promise<string[]> {
    return this.#read(subscribed, query)
  }

  keepReceipt(command: People.KeepReceipt): Promise<People.KeptReceipt> {
    return this.#write(keepReceipt, command, [])
  }

  erase(command: { user: string; limit: number }): Promise<People.ErasureBegun> {
    return this.#write(erase, command, [command.user])
  }

  purge(command: { erasure?: number; limit: number }): Promise<{ more: boolean }> {
    return this.#write(purge, command)
  }

  revoke(revocation: Revocations.Revocation): Promise<void> {
    return this.#write(revoke, revocation, [])
  }

  revocations(query: Revocations.RevocationsQuery): Promise<Revocations.RevocationsPage> {
    return this.#read(revocations, query)
  }

  forgetRevocations(command: { before: number; limit: number }): Promise<{ more: boolean }> {
    return this.#write(forgetRevocations, command, [])
  }

  /** Requests that have no answer yet, by what they do: in the lane, in the pool, or under way. */
  get waiting(): { writer: number; reader: number } {
    return { writer: this.#asked.writing.size, reader: this.#asked.reading.size }
  }

  /** What an operator wants to know of what is stored. */
  figures(): Promise<Figures> {
    return this.#read(figures, undefined)
  }

  /** What the database takes of its server's disk. */
  sizes(): Promise<{ database: number }> {
    return this.#read(sizes, undefined)
  }

  check(): Promise<void> {
    return this.#read((reads) => this.#condition.check(reads), undefined)
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#end())
  }

  async #end(): Promise<void> {
    this.#condition.close()
    await this.#lane.close()
    await Promise.allSettled([...this.#asked.writing, ...this.#asked.reading])
    await this.#database.close()
  }

  /** One statement, or several that need not be of one moment. */
  #read<Query, Answer>(
    work: (reads: Reads, query: Query) => Promise<Answer>,
    query: Query,
  ): Promise<Answer> {
    return this.#take('reading', () => work(this.#database, query))
  }

  /**
   * What was acknowledged before by those whom it concerns comes first: what has reached a device counts as delivered, whatever
   * becomes of it then. So does what else was asked for them.
   */
  #write<Command, Outcome>(
    work: (transaction: Transaction, command: Command) => Promise<Outcome>,
    command: Command,
    concerns: 'all' | readonly string[] = 'all',
  ): Promise<Outcome> {
    const write = async (): Promise<Outcome> => {
      await this.#lane.settled(concerns)
      const startedAt = performance.now()
      const outcome = await this.#database.transaction((transaction) => work(transaction, command))
      this.#committed({ writes: 1, seconds: (performance.now() - startedAt) / 1_000 })
      return outcome
    }
    return this.#take('writing', () => this.#turns.take(concerns === 'all' ? [] : concerns, write))
  }

  async #take<Outcome>(
    kind: 'writing' | 'reading',
    work: () => Promise<Outcome>,
  ): Promise<Outcome> {
    if (this.#closing) throw unavailable(new Error('the store is closed'))
    const asked = work()
    this.#asked[kind].add(asked)
    try {
      return await asked
    } finally {
      this.#asked[kind].delete(asked)
    }
  }
}

/** Whoever starts a service is told why the database can't be had, which whoever sends is not. */
function toldInWords(error: unknown): unknown {
  if (!(error instanceof PosthornError) || !(error.cause instanceof Error)) return error
  return new Error(`PostgreSQL (DATABASE_URL): ${error.cause.message}`, { cause: error })
}
