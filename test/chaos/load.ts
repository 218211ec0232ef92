import { setTimeout as wait } from 'node:timers/promises'
import { InboxChanges, InboxCounts } from '../../src/protocol/inbox.js'
import { MarkResult } from '../../src/protocol/mark.js'
import { SendReceipt } from '../../src/protocol/send.js'
import { serviceToken, tokenFor } from '../harness.js'
import { seededRandom } from '../random.js'
import { askUntilAnswered } from './asking.js'
import { Device } from './device.js'
import type { Accepted, History, LogEntry, UserLog } from './history.js'

/** Milliseconds between two sends of one poster: load, not a benchmark. */
const PACE_MS = 25

/** One in so many times a poster marks what it has sent as read, as its user. */
const MARKS_EVERY = 6

/** A run ends by itself there, whatever its test waits for. */
const MOST_ACCEPTED = 30_000

/** How long anybody asks in vain before the run has failed, in milliseconds: 2 minutes. */
const IN_VAIN_MS = 120_000

export interface LoadOptions {
  /** Where all of them come in. */
  url: string
  seed: number
  users?: number
  posters?: number
  devicesPerUser?: number
}

/** Posters and devices at work, and all that they were promised and told. */
export class Load {
  readonly #url: string
  readonly #random: () => number
  readonly #users: string[]
  readonly #tokens = new Map<string, string>()
  readonly #accepted: Accepted[] = []
  readonly #read = new Set<string>()
  /** The highest `seq` that anybody was told of a user's log. */
  readonly #latest = new Map<string, number>()
  readonly #devices: Device[] = []
  readonly #stopping = new AbortController()
  #posting: Promise<void>[] = []
  #isOver = false
  #failure: unknown
  readonly #waiting = new Set<() => void>()

  private constructor({ url, seed, users = 12 }: LoadOptions) {
    this.#url = url
    this.#random = seededRandom(seed)
    this.#users = Array.from({ length: users }, (_, index) => `user-${index}`)
  }

  static async begin(options: LoadOptions): Promise<Load> {
    const load = new Load(options)
    const { url, posters = 8, devicesPerUser = 2 } = options
    for (const user of load.#users) {
      const token = await tokenFor(user)
      load.#tokens.set(user, token)
      for (let number = 0; number < devicesPerUser; number++) {
        const device = number % 2 === 0 ? `phone-${number}` : `laptop-${number}`
        const moved = (): void => load.#tell()
        load.#devices.push(new Device({ url, user, device, token, random: load.#random, moved }))
      }
    }
    const token = await serviceToken()
    load.#posting = Array.from({ length: posters }, (_, poster) =>
      load.#post(poster, token).catch((error: unknown) => {
        load.#failure ??= error
        load.#tell()
      }),
    )
    return load
  }

  get accepted(): number {
    return this.#accepted.length
  }

  /** Resolves when so many more were accepted. */
  more(count: number): Promise<void> {
    const enough = this.accepted + count
    return this.#until(() => this.accepted >= enough)
  }

  /** Resolves when every device has what was accepted by now, with the milliseconds that it took. */
  async level(): Promise<number> {
    const begun = performance.now()
    const latest = new Map(this.#latest)
    await this.#until(() => this.#devices.every((device) => isLevel(device, latest)))
    return performance.now() - begun
  }

  /** Lets the posters finish, everyone catch up, and gives all that happened. */
  async end(): Promise<History> {
    this.#isOver = true
    await Promise.all(this.#posting)
    this.#throwFailure()
    await this.level()
    const logs = await Promise.all(this.#users.map((user) => this.#logOf(user)))
    const connections = this.#devices.flatMap((device) => device.connections)
    return { accepted: this.#accepted, read: this.#read, connections, logs }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true
    this.#stopping.abort()
    await Promise.all(this.#posting)
    for (const device of this.#devices) device.close()
  }

  async #post(poster: number, token: string): Promise<void> {
    for (let number = 1; !this.#isOver && this.accepted < MOST_ACCEPTED; number++) {
      const user = this.#users[Math.floor(this.#random() * this.#users.length)] ?? ''
      const key = `${poster}-${number}`
      const headers = { 'idempotency-key': key }
      const body = { to: { user }, type: 'test', title: key }
      const path = new URL('/v1/notifications', this.#url)
      const answer = await this.#ask(path, { method: 'POST', token, headers, body })
      const { id, seq = 0 } = SendReceipt.parse(JSON.parse(answer))
      this.#accepted.push({ user, key, id, seq, poster })
      this.#reaches(user, seq)
      if (number % MARKS_EVERY === 0) await this.#mark(user, id)
      await wait(PACE_MS)
    }
  }

  async #mark(user: string, id: string): Promise<void> {
    const token = this.#tokens.get(user) ?? ''
    const body = { action: 'read', ids: [id] }
    const path = new URL('/v1/inbox/mark', this.#url)
    const answer = await this.#ask(path, { method: 'POST', token, body })
    this.#read.add(id)
    this.#reaches(user, MarkResult.parse(JSON.parse(answer)).latest)
  }

  #ask(path: URL, question: Parameters<typeof askUntilAnswered>[1]): Promise<string> {
    const patience = AbortSignal.timeout(IN_VAIN_MS)
    return askUntilAnswered(path, question, AbortSignal.any([this.#stopping.signal, patience]))
  }

  #reaches(user: string, seq: number): void {
    this.#latest.set(user, Math.max(seq, this.#latest.get(user) ?? 0))
    this.#tell()
  }

  /** A user's log as the service tells it to a device that has nothing. */
  async #logOf(user: string): Promise<UserLog> {
    const token = this.#tokens.get(user) ?? ''
    const asked = async (path: string): Promise<unknown> =>
      JSON.parse(await this.#ask(new URL(path, this.#url), { token }))
    const { epoch, latest, unread, unseen } = InboxCounts.parse(await asked('/v1/inbox/counts'))
    const entries: LogEntry[] = []
    for (let after = 0, isAll = false; !isAll;) {
      const query = new URLSearchParams({ after: String(after), epoch, limit: '100' })
      const page = InboxChanges.parse(await asked(`/v1/inbox/changes?${String(query)}`))
      for (const { type, payload } of page.events) {
        if (type !== 'notification') throw new Error(`the log of ${user} holds a ${type}`)
        const { id, title, arrivedSeq, readAt } = payload.notification
        const isRead = readAt !== null
        entries.push({ seq: payload.seq, arrivedSeq, id, title: title ?? '', isRead })
      }
      after = page.next
      isAll = page.caughtUp
    }
    return { user, epoch, latest, unread, unseen, entries }
  }

  async #until(isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      this.#throwFailure()
      await new Promise<void>((resolve) => this.#waiting.add(resolve))
    }
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw new Error('a poster failed', { cause: this.#failure })
  }

  #tell(): void {
    for (const resolve of this.#waiting) resolve()
    this.#waiting.clear()
  }
}

function isLevel({ user, cursor }: Device, latest: ReadonlyMap<string, number>): boolean {
  return cursor >= (latest.get(user) ?? 0)
}
