import { v7 as uuidv7 } from 'uuid'
import type { Store } from '../../../src/inbox/store.js'
import type { Delivery } from '../../../src/protocol/deliveries.js'
import { Model } from './model.js'
import {
  USERS,
  type Acknowledging,
  type Opening,
  type Operation,
  type Sending,
} from './operations.js'
import { ALL, AT, contentOf, sendCommand } from './store-under-test.js'

/** What the store said, beside what the model said, in the same form. */
interface Said {
  said: unknown
  expected: unknown
}

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
    }
  }

  async #send(operation: Sending): Promise<Said> {
    const { key, fingerprint } = operation
    const users = operation.users.map((name) => this.#user(name))
    const [id, at] = [uuidv7(), this.#at]
    const sender = { issuer: '', subject: this.#name }
    const outcome = await this.#store.send(sendCommand(users, { id, at, sender, key, fingerprint }))
    const expected = this.#model.send({ id, at, users, key, fingerprint })
    return {
      said: {
        kind: outcome.kind,
        ...('receipt' in outcome && { id: outcome.receipt.id }),
        ...('arrivals' in outcome && { arrivals: outcome.arrivals }),
      },
      expected: {
        kind: expected.kind,
        ...('id' in expected && { id: expected.id }),
        ...('seqs' in expected && {
          // Nobody reads or sees anything yet, so the counts are the length of the log.
          arrivals: expected.seqs?.map((seq, index) => {
            return { user: users[index], seq, unread: seq, unseen: seq }
          }),
        }),
      },
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
    const { cursor } = await this.#store.acknowledge({ user, device, epoch, seq, at })
    const expected = this.#model.acknowledge({ user, device, ownEpoch, seq, at })
    // Where it changes nothing, what it answers says nothing.
    return { said: expected === undefined ? undefined : cursor, expected }
  }

  /** All that the store holds of this run, read in small pages, beside all that the model holds. */
  async everything(): Promise<Said> {
    const names = USERS.map((name) => this.#user(name))
    const latest = await this.#store.latest(names)
    const ids = [...this.#model.notifications.keys()]
    const said = {
      users: await Promise.all([...latest.keys()].map((name) => this.#heldOf(name))),
      notifications: await Promise.all(
        ids.map(async (id) => {
          const overview = await this.#store.notification(id)
          return { id, recipients: overview?.recipients, deliveries: await this.#deliveries(id) }
        }),
      ),
    }
    const known = names.filter((name) => this.#model.users.has(name))
    const expected = {
      users: known.map((name) => this.#expectedOf(name)),
      notifications: [...this.#model.notifications].map(([id, users]) => ({
        id,
        recipients: { total: users.length, stored: users.length },
        deliveries: this.#model.deliveries(id).toSorted(byName),
      })),
    }
    return { said: { latest, ...said }, expected: { latest: this.#latest(known), ...expected } }
  }

  #latest(known: readonly string[]): Map<string, number> {
    return new Map(known.map((name) => [name, this.#model.users.get(name)?.log.length ?? 0]))
  }

  async #heldOf(name: string): Promise<unknown> {
    const { unread, unseen } = await this.#store.head(name)
    const cursors: [string, number][] = []
    for (const device of this.#model.users.get(name)?.devices.keys() ?? []) {
      const command = { user: name, device, start: { kind: 'stored' } as const, at: this.#at }
      cursors.push([device, (await this.#store.openDevice(command)).cursor])
    }
    const [log, inbox] = [await this.#log(name), await this.#inbox(name)]
    return { name, unread, unseen, cursors, log, inbox }
  }

  #expectedOf(name: string): unknown {
    const { log = [], devices } = this.#model.users.get(name) ?? {}
    const cursors = [...(devices ?? [])].map(([device, { cursor }]) => [device, cursor])
    return {
      name,
      unread: log.length,
      unseen: log.length,
      cursors,
      log: log.map((id, index) => [index + 1, id]),
      inbox: log.toReversed(),
    }
  }

  async #log(user: string): Promise<[number, string][]> {
    const found: [number, string][] = []
    for (let after = 0, more = true; more;) {
      const page = await this.#store.changes({ user, after, limit: 3, maxBytes: ALL.maxBytes })
      found.push(...page.entries.map((entry): [number, string] => [entry.seq, contentOf(entry).id]))
      more = page.through < page.latest && page.through > after
      after = page.through
    }
    return found
  }

  async #inbox(user: string): Promise<string[]> {
    const found: string[] = []
    let before: number | undefined
    do {
      const page = await this.#store.list({ user, before, limit: 3 })
      found.push(...page.entries.map((entry) => contentOf(entry).id))
      before = page.next
    } while (before !== undefined)
    return found
  }

  async #deliveries(id: string): Promise<Delivery[]> {
    const found: Delivery[] = []
    let after: string | undefined
    do {
      const page = await this.#store.deliveries({ id, after, limit: 2 })
      found.push(...(page?.items ?? []))
      after = page?.next
    } while (after)
    return found.toSorted(byName)
  }

  #user(name: string): string {
    return `${this.#name}-${name}`
  }

  async #epoch(user: string, { ownEpoch }: { ownEpoch: boolean }): Promise<string> {
    return ownEpoch ? (await this.#store.head(user)).epoch : 'another'
  }
}

function byName(a: Delivery, b: Delivery): number {
  return `${a.user} ${a.device}` < `${b.user} ${b.device}` ? -1 : 1
}
