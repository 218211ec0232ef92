import { v7 as uuidv7 } from 'uuid'
import type { MarkStep, ServiceName, Store } from '../../../src/inbox/store.js'
import type { Arrived } from '../../../src/inbox/stores/lifetimes.js'
import type { SendReceipt } from '../../../src/protocol/send.js'
import { compareAll, type Said } from './compare-all.js'
import { Model } from './model.js'
import {
  USERS,
  type Acknowledging,
  type Expiring,
  type Firing,
  type Forgetting,
  type Marking,
  type Opening,
  type Operation,
  type Reading,
  type Recalling,
  type Sending,
  type Stepping,
  type Trimming,
} from './operations.js'
import { finishAll, forgetAll } from './steps.js'
import { ALL, AT, contentOf, EVERYONE, sendCommand, readChanges } from './store-under-test.js'

/**
 * One life of a store and of its model. Its users and its service bear its name, so that many runs share one store and
 * nothing else.
 */
export class Run {
  readonly #model: Model
  readonly #store: Store
  readonly #name: string
  #at = AT

  /** Over a store with such bounds. */
  constructor(store: Store, name: string, { inboxLimit }: { inboxLimit: number }) {
    this.#model = new Model(inboxLimit)
    this.#store = store
    this.#name = name
  }

  /** Does an operation in the store and in the model. */
  step(operation: Operation): Promise<Said> {
    this.#at += operation.pauseMs
    switch (operation.kind) {
      case 'send':
        return this.#send(operation)
      case 'open':
        return this.#open(operation)
      case 'acknowledge':
        return this.#acknowledge(operation)
      case 'mark':
        return this.#mark(operation)
      case 'read':
        return this.#read(operation)
      case 'recall':
        return this.#recall(operation)
      case 'trim':
        return this.#trim(operation)
      case 'expire':
        return this.#expire(operation)
      case 'fire':
        return this.#fire(operation)
      case 'step':
        return this.#stepFanOut(operation)
      case 'forget':
        return this.#forget(operation)
    }
  }

  /** All that the store holds of this run, beside all that the model holds. */
  everything(): Promise<Said> {
    const names = USERS.map((name) => this.#user(name))
    return compareAll(this.#store, this.#model, { names, at: this.#at })
  }

  async #send(operation: Sending): Promise<Said> {
    const { type, key, fingerprint, collapseKey, delayMs, ttlMs } = operation
    const target =
      operation.users === 'everyone'
        ? ('everyone' as const)
        : operation.users.map((name) => this.#user(name))
    const [id, at] = [uuidv7(), this.#at]
    const dueAt = delayMs === undefined ? undefined : at + delayMs
    const expiresAt = ttlMs === undefined ? undefined : (dueAt ?? at) + ttlMs
    const options = { id, type, at, key, fingerprint, collapseKey, dueAt, expiresAt }
    const to = target === 'everyone' ? EVERYONE : target
    const outcome = await this.#store.send(sendCommand(to, { ...options, sender: this.#sender }))
    return {
      said: 'receipt' in outcome ? { ...outcome, receipt: told(outcome.receipt) } : outcome,
      expected: this.#model.send({ ...options, target }),
    }
  }

  async #open({ device, start, ...operation }: Opening): Promise<Said> {
    const user = this.#user(operation.user)
    const at = this.#at
    const opened = await this.#store.openDevice({
      user,
      device,
      start: start.kind === 'cursor' ? { ...start, epoch: await this.#epoch(user, start) } : start,
      at,
    })
    const { latest, cursor, position, strayed } = opened
    return {
      said: { latest, cursor, position, strayed },
      expected: this.#model.open({ user, device, start, at }),
    }
  }

  async #acknowledge(operation: Acknowledging): Promise<Said> {
    const { device, seq, ownEpoch } = operation
    const [user, at] = [this.#user(operation.user), this.#at]
    const epoch = await this.#epoch(user, operation)
    return {
      said: await this.#store.acknowledge({ user, device, epoch, seq, at }),
      expected: this.#model.acknowledge({ user, device, ownEpoch, seq, at }),
    }
  }

  async #mark({ action, limit, entries: named, ...operation }: Marking): Promise<Said> {
    const user = this.#user(operation.user)
    const ownEpoch = named.kind === 'ids' || named.ownEpoch
    const entries: MarkStep['entries'] =
      named.kind === 'ids'
        ? { kind: 'ids', ids: this.#pick(named.picks) }
        : { ...named, epoch: await this.#epoch(user, named) }
    const command = { user, action, at: this.#at, limit, entries }
    const { moved, next, latest, unread, unseen } = await this.#store.mark(command)
    return {
      said: { moved, next, latest, unread, unseen },
      expected: this.#model.mark({ ...command, ownEpoch }),
    }
  }

  async #read({ device, startedAt, whole, after, limit, ...operation }: Reading): Promise<Said> {
    const user = this.#user(operation.user)
    const reader = { device, startedAt, ...(whole !== undefined && { whole }) }
    const query = { ...ALL, user, at: this.#at, reader, after, limit }
    const page = await readChanges(this.#store, query)
    const entries = page.entries.map((change) => {
      if (change.kind !== 'whole') return change
      const { contentJson: _contentJson, ...rest } = change
      return { ...rest, id: contentOf(change).id }
    })
    const { latest, horizon, unread, unseen, through } = page
    const log = this.#model.log(user)
    return {
      said: { entries, through, latest, horizon, unread, unseen },
      expected: {
        ...log.changes(query),
        latest: log.latest,
        horizon: log.horizon,
        ...log.counts(),
      },
    }
  }

  async #recall({ back, limit, own }: Recalling): Promise<Said> {
    const id = this.#model.ids.at(-1 - back) ?? uuidv7()
    const sender = own ? this.#sender : { ...this.#sender, issuer: 'another' }
    const outcome = await this.#store.recall({ id, sender, at: this.#at, limit })
    const expected = own ? this.#model.notifications.recall(id, this.#at, limit) : undefined
    if (!expected) return { said: outcome, expected: { kind: 'unknown' } }
    const { recipients, ...rest } = expected
    const receipt = { id, status: 'recalled', recipients }
    return { said: outcome, expected: { kind: 'recalled', receipt, ...rest } }
  }

  async #trim({ agedMs, limit, ...operation }: Trimming): Promise<Said> {
    const [user, agedBefore] = [this.#user(operation.user), this.#at - agedMs]
    const log = this.#model.log(user)
    const said = await this.#store.trim({ user, agedBefore, limit })
    const removed = log.trim({ at: agedBefore, agedBefore, limit })
    return { said, expected: { removed, latest: log.latest, more: removed === limit } }
  }

  async #expire({ limit }: Expiring): Promise<Said> {
    const said = {
      due: await this.#store.due(this.#at),
      removals: await this.#store.expire({ at: this.#at, limit }),
    }
    const due = this.#model.due(this.#at)
    return { said, expected: { due, removals: this.#model.expire(this.#at, limit) } }
  }

  async #fire({ limit }: Firing): Promise<Said> {
    const fired: Arrived[] = []
    // A store may do it in several steps.
    for (let done = -1; done < fired.length && fired.length < limit;) {
      done = fired.length
      fired.push(...(await this.#store.fire({ at: this.#at, limit: limit - done })))
    }
    return {
      said: fired.map((one) => ({ id: contentOf(one).id, arrivals: one.arrivals })),
      expected: this.#model.notifications.fire(this.#at, limit),
    }
  }

  async #stepFanOut({ limit }: Stepping): Promise<Said> {
    const step = await this.#store.stepFanOut({ at: this.#at, limit })
    return {
      said:
        step?.kind === 'delivered'
          ? { kind: step.kind, id: contentOf(step).id, arrivals: step.arrivals }
          : step,
      expected: this.#model.notifications.step(this.#at, limit),
    }
  }

  async #forget({ agedMs, limit }: Forgetting): Promise<Said> {
    const acceptedBefore = this.#at - agedMs
    await forgetAll(this.#store, acceptedBefore, limit)
    this.#model.notifications.forget(acceptedBefore)
    const [id = 'none'] = this.#model.ids
    return {
      said: (await this.#store.notification({ id, at: this.#at, keptAfter: 0 }))?.recipients,
      expected: this.#model.overview(id, this.#at, 0)?.recipients,
    }
  }

  /** Does all that is due ever, so that whoever comes next is alone. */
  finish(): Promise<void> {
    return finishAll(this.#store, this.#at + YEARS_MS)
  }

  /** The ids of what was sent, by number from the newest back; one that was never sent for a number beyond. */
  #pick(numbers: readonly number[]): string[] {
    return numbers.map((number) => this.#model.ids.at(-1 - number) ?? uuidv7())
  }

  get #sender(): ServiceName {
    return { issuer: '', subject: this.#name }
  }

  #user(name: string): string {
    return `${this.#name}-${name}`
  }

  async #epoch(user: string, { ownEpoch }: { ownEpoch: boolean }): Promise<string> {
    return ownEpoch ? (await this.#store.head(user)).epoch : 'another'
  }
}

/** Longer than anything waits or lives. */
const YEARS_MS = 10 * 365 * 24 * 60 * 60 * 1_000

/** What a receipt tells beside times. */
function told({ id, status, recipients }: SendReceipt) {
  return { id, status, recipients }
}
