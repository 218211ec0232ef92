import type { Down } from '../../../src/protocol/down/index.js'
import type { Context } from './context.js'
import type { Device, Sending } from './people.js'
import { remove, take, update } from './replica.js'

export type Message<Type extends Down['type']> = Extract<Down, { type: Type }>
type Entry = Message<'notification' | 'updated' | 'removed'>
type Welcome = Message<'welcome'>['payload']

/** A device's log as it comes over one connection, and what must hold of that on each. */
export class Reading {
  isCaughtUp = false
  /** The `seq` of the last entry that came here. */
  last = 0
  readonly #context: Context
  readonly #device: Device
  readonly #openedAt = performance.now()
  #welcome: Welcome | undefined

  constructor(context: Context, device: Device) {
    this.#context = context
    this.#device = device
  }

  get isWelcome(): boolean {
    return this.#welcome !== undefined
  }

  enter(welcome: Welcome): void {
    const { person, name, taken, acknowledged, acknowledging } = this.#device
    const { user, device, cursor, latest, epoch } = welcome
    if (user !== person.name || device !== name) {
      this.#complain('a connection is its device’s', `is ${user}/${device}`)
    }
    if (cursor < acknowledged || cursor > acknowledging) {
      const bounds = `${acknowledged} to ${acknowledging}`
      this.#complain('a cursor is where its device is', `is at ${cursor}, not ${bounds}`)
    }
    if (latest < taken) {
      this.#complain('a log never goes back', `is at ${taken}, the log at ${latest}`)
    }
    person.epoch ??= epoch
    if (person.epoch !== epoch) this.#complain('an epoch stays', `is in ${epoch}`)
    this.#welcome = welcome
    this.last = cursor
    this.#device.acknowledging = Math.max(acknowledging, cursor)
    this.#device.acknowledged = Math.max(acknowledged, cursor)
    this.#context.oracle.count('connections')
  }

  take({ type, payload }: Entry): void {
    const { seq } = payload
    if (seq <= this.last) {
      this.#complain('entries come once and in order', `got ${seq} after ${this.last}`)
    }
    this.last = seq
    if (type === 'notification') {
      const { latest = 0 } = this.#welcome ?? {}
      if (payload.replayed !== seq <= latest) {
        this.#complain('`replayed` tells what was there', `got ${seq}, welcomed at ${latest}`)
      }
      const sending = take(this.#context, this.#device, payload)
      if (sending) this.#expectAlive(sending)
    } else if (type === 'updated') {
      update(this.#context, this.#device, payload)
    } else {
      remove(this.#device, payload)
    }
    this.#context.oracle.count(`${type}s`)
    this.#device.taken = Math.max(this.#device.taken, seq)
  }

  catchUp(seq: number): void {
    const { latest = 0 } = this.#welcome ?? {}
    if (this.isCaughtUp || seq < latest) {
      this.#complain('`caught_up` comes once, at the end', `got it at ${seq} of ${latest}`)
    }
    this.isCaughtUp = true
  }

  /** What had ended before a connection was opened must not come on it. */
  #expectAlive({ title, goneAt, expiresAt }: Sending): void {
    if (goneAt < this.#openedAt) this.#complain('what is recalled comes no more', `got ${title}`)
    if (expiresAt < Date.parse(this.#welcome?.serverTime ?? '')) {
      this.#complain('what has expired comes no more', `got ${title}`)
    }
  }

  #complain(rule: string, how: string): void {
    this.#context.oracle.complain(rule, `${this.#device.label} ${how}`)
  }
}
