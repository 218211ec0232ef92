import type { Arrival } from '../../../src/inbox/store.js'
import { hasExpired, type ModelContent, type ModelEntry, type ModelLog } from './model-log.js'

/** Whom a notification is for: users by name, or everyone who is known. */
export type ModelTarget = readonly string[] | 'everyone'

export interface ModelNotification {
  content: ModelContent
  status: 'stored' | 'fanning_out' | 'recalled'
  acceptedAt: number
  recipients: { total: number; stored: number }
}

/** A notification that waits for its time. */
export interface ModelScheduled {
  content: Omit<ModelContent, 'rank'>
  dueAt: number
  target: ModelTarget
}

interface Living {
  user: string
  log: ModelLog
  entry: ModelEntry
}

interface ModelFanOut {
  notification: ModelNotification
  work: 'deliver' | 'recall'
  /** So many of the known users are done, of so many that it means. */
  place: number
  last: number
}

/** What was sent, and the work that is under way on it. */
export class ModelNotifications {
  readonly all = new Map<string, ModelNotification>()
  scheduled: ModelScheduled[] = []
  /** The next whose turn it is first. */
  #fanOuts: ModelFanOut[] = []
  #rank = 0
  readonly #users: Map<string, ModelLog>
  readonly #make: (user: string) => ModelLog

  /** Over the users who are known, in the order in which they came, and a way to make one known. */
  constructor(users: Map<string, ModelLog>, make: (user: string) => ModelLog) {
    this.#users = users
    this.#make = make
  }

  get hasWork(): boolean {
    return this.#fanOuts.length > 0
  }

  accept(content: Omit<ModelContent, 'rank'>, target: ModelTarget, at: number) {
    const ranked = { ...content, rank: ++this.#rank }
    const isOver = hasExpired({ content: ranked }, at)
    const total = target === 'everyone' ? this.#users.size : target.length
    const isWide = target === 'everyone' && !isOver
    const notification: ModelNotification = {
      content: ranked,
      status: isWide ? 'fanning_out' : 'stored',
      acceptedAt: at,
      recipients: { total, stored: 0 },
    }
    this.all.set(content.id, notification)
    if (isWide) this.#fanOuts.push({ notification, work: 'deliver', place: 0, last: total })
    if (isOver && target !== 'everyone') this.#endUnstored(content.id, target, 'expired')
    const reached = target === 'everyone' || isOver ? [] : target
    return { notification, arrivals: this.#bring(notification, reached, at) }
  }

  /** Fires what is due; gives each with its arrivals. */
  fire(at: number, limit: number): { id: string; arrivals: Arrival[] }[] {
    const due = this.scheduled
      .filter(({ dueAt }) => dueAt <= at)
      .toSorted((a, b) => a.dueAt - b.dueAt)
      .slice(0, limit)
    this.scheduled = this.scheduled.filter((waiting) => !due.includes(waiting))
    return due.map(({ content, target }) => {
      const users = target === 'everyone' ? target : target.toSorted()
      return { id: content.id, arrivals: this.accept(content, users, at).arrivals }
    })
  }

  recall(id: string, at: number, limit: number) {
    const waiting = this.scheduled.find(({ content }) => content.id === id)
    if (waiting) {
      this.scheduled = this.scheduled.filter((other) => other !== waiting)
      this.accept(waiting.content, [], at)
      const recalled = this.all.get(id)
      if (!recalled) throw new Error('what was accepted is not there')
      const named = waiting.target === 'everyone' ? [] : waiting.target.toSorted()
      recalled.recipients.total = named.length
      this.#endUnstored(id, named, 'recalled')
    }
    const notification = this.all.get(id)
    if (!notification) return undefined
    const { recipients, status } = notification
    const isUnderWay = () => this.#fanOuts.some((fanOut) => fanOut.notification === notification)
    if (status === 'recalled') return { recipients, removals: [], pending: isUnderWay() }
    notification.status = 'recalled'
    this.#fanOuts = this.#fanOuts.filter((fanOut) => fanOut.notification !== notification)
    const living = this.#living(id)
    if (living.length > limit) {
      this.#fanOuts.push({ notification, work: 'recall', place: 0, last: Infinity })
      return { recipients, removals: [], pending: true }
    }
    return { recipients, removals: this.#takeBack(living, at), pending: false }
  }

  /** What one step does; undefined where there is nothing to do. */
  step(at: number, limit: number) {
    const fanOut = this.#fanOuts.shift()
    if (!fanOut) return undefined
    const { notification, work, place, last } = fanOut
    const { id } = notification.content
    if (work === 'recall') {
      // Whoever is done has no living entry of it any more.
      const living = this.#living(id).slice(0, limit)
      if (living.length === limit) this.#fanOuts.push(fanOut)
      return { kind: 'recalled' as const, removals: this.#takeBack(living, at) }
    }
    const isOver = hasExpired(notification, at)
    const reached = isOver ? [] : [...this.#users.keys()].slice(place, last).slice(0, limit)
    const arrivals = this.#bring(notification, reached, at)
    if (reached.length === limit) this.#fanOuts.push({ ...fanOut, place: place + limit })
    else notification.status = 'stored'
    return { kind: 'delivered' as const, id, arrivals }
  }

  /** Forgets what nobody has and was accepted before a time. */
  forget(acceptedBefore: number): void {
    for (const [id, notification] of this.all) {
      const isHad = [...this.#users.values()].some((log) => log.row(id))
      const isBusy = this.#fanOuts.some((fanOut) => fanOut.notification === notification)
      if (isHad || isBusy || notification.acceptedAt >= acceptedBefore) continue
      this.all.delete(id)
      for (const log of this.#users.values()) log.ends.delete(id)
    }
  }

  #bring(notification: ModelNotification, users: readonly string[], at: number): Arrival[] {
    const arrivals = users.flatMap((user): Arrival[] => {
      const arrival = this.#make(user).append(notification.content, at)
      return arrival ? [{ user, ...arrival }] : []
    })
    notification.recipients.stored += arrivals.length
    return arrivals
  }

  /** What reached no inbox is told of those whom it named, who are known from then on. */
  #endUnstored(id: string, users: readonly string[], outcome: 'recalled' | 'expired'): void {
    for (const user of users) {
      this.#make(user).ends.set(id, { outcome, seenAt: null, readAt: null })
    }
  }

  #living(id: string): Living[] {
    return [...this.#users].flatMap(([user, log]) => {
      const entry = log.entry(id)
      return entry ? [{ user, log, entry }] : []
    })
  }

  #takeBack(living: Living[], at: number) {
    return living.map(({ user, log, entry }) => ({ user, ...log.remove(entry, 'recalled', at) }))
  }
}
