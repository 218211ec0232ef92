import { v7 as uuidv7 } from 'uuid'
import type { MarkStep, Store } from '../../../src/inbox/store.js'
import { compareAll, type Said } from './compare-all.js'
import { Model } from './model.js'
import {
  USERS,
  type Acknowledging,
  type Marking,
  type Opening,
  type Operation,
  type Reading,
  type Sending,
} from './operations.js'
import { ALL, AT, contentOf, sendCommand } from './store-under-test.js'

/**
 * One life of a store and of its model. Its users and its service bear its name, so that many runs share one store and
 * nothing else.
 */
export class Run {
  readonly #model = new Model()
  readonly #store: Store
  readonly #name: string
  #at = AT

  constructor(store: Store, name: string) {
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
    }
  }

  /** All that the store holds of this run, beside all that the model holds. */
  everything(): Promise<Said> {
    const names = USERS.map((name) => this.#user(name))
    return compareAll(this.#store, this.#model, { names, at: this.#at })
  }

  async #send(operation: Sending): Promise<Said> {
    const { type, key, fingerprint } = operation
    const users = operation.users.map((name) => this.#user(name))
    const [id, at] = [uuidv7(), this.#at]
    const sender = { issuer: '', subject: this.#name }
    const command = sendCommand(users, { id, type, at, sender, key, fingerprint })
    const outcome = await this.#store.send(command)
    return {
      said: {
        kind: outcome.kind,
        ...('receipt' in outcome && { id: outcome.receipt.id }),
        ...('arrivals' in outcome && { arrivals: outcome.arrivals }),
      },
      expected: this.#model.send({ id, type, at, users, key, fingerprint }),
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
    const page = await this.#store.changes(query)
    const entries = page.entries.map((change) => {
      if (change.kind !== 'whole') return change
      const { contentJson: _contentJson, ...rest } = change
      return { ...rest, id: contentOf(change).id }
    })
    const { latest, unread, unseen, through } = page
    const log = this.#model.log(user)
    return {
      said: { entries, through, latest, unread, unseen },
      expected: {
        ...log.changes({ device, startedAt, whole, after, limit }),
        latest: log.latest,
        ...log.counts(),
      },
    }
  }

  /** The ids of what was sent, by number; one that was never sent for a number beyond. */
  #pick(numbers: readonly number[]): string[] {
    const ids = [...this.#model.notifications.keys()]
    return numbers.map((number) => ids[number] ?? uuidv7())
  }

  #user(name: string): string {
    return `${this.#name}-${name}`
  }

  async #epoch(user: string, { ownEpoch }: { ownEpoch: boolean }): Promise<string> {
    return ownEpoch ? (await this.#store.head(user)).epoch : 'another'
  }
}
