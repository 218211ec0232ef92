import type {
  Acknowledge,
  AcknowledgeOutcome,
  DeviceBounds,
  OpenDevice,
  OpenedDevice,
  SendCommand,
  SendOutcome,
} from '../../inbox/store.js'
import type { RemovedDevice } from '../../inbox/stores/people.js'
import { isStoreTrouble, PosthornError } from '../../protocol/errors.js'
import type { LogBounds } from '../log-bounds.js'
import { overloaded, TryAgain, unavailable, type Database, type Transaction } from './database.js'
import { holdUsers, type HeldLogs } from './held-logs.js'
import { planSends, sendAll } from './send.js'

type Open = OpenDevice & DeviceBounds
type Opened = OpenedDevice & { evicted: RemovedDevice[] }

/** What a group does beside sending: an outcome for each command, in order, for users who are held. */
interface GroupOperations {
  acknowledgeAll: (
    transaction: Transaction,
    held: HeldLogs,
    commands: readonly Acknowledge[],
  ) => Promise<AcknowledgeOutcome[]>
  openDevices: (
    transaction: Transaction,
    held: HeldLogs,
    commands: readonly Open[],
  ) => Promise<Opened[]>
}

export interface LaneOptions {
  database: Database
  bounds: LogBounds
  operations: GroupOperations
  /** Told of each transaction that wrote: how many writes it held, and how long it took. */
  committed?: (commit: { writes: number; seconds: number }) => void
}

/** For how long more acknowledgements may come, in milliseconds: one comes for each notification and device. */
const GATHER_MS = 10

/** Rows that one transaction writes, about, so that none stalls what waits behind it. */
const MAX_GROUP_ROWS = 2_000

/** An acknowledgement may write a row for each entry that its connection was sent. */
const ROWS_PER_ACK = 4
const ROWS_PER_OPENING = 4

/** Requests that may wait before others are refused, so that a database that falls behind doesn't fill the memory. */
const MAX_WAITING = 20_000

/** And how many characters they may hold: 32 Mi. */
const MAX_WAITING_CHARACTERS = 32 * 1024 * 1024

/** While a transaction has not ended for so long (10 seconds) no more is taken. */
const MAX_SILENT_MS = 10_000

interface Asked<Input, Outcome> {
  input: Input
  rows: number
  characters: number
  resolve: (outcome: Outcome) => void
  reject: (error: unknown) => void
}

interface Group {
  acks: Asked<Acknowledge, AcknowledgeOutcome>[]
  openings: Asked<Open, Opened>[]
  sends: Asked<SendCommand, SendOutcome>[]
}

/**
 * Where a node's sends, openings and acknowledgements go: what was asked for while one transaction ran goes into the next, which is one
 * commit for all of it. In each, acknowledgements come first: what has reached a device counts as delivered, whatever becomes of it
 * then. One that fails takes no other with it.
 */
export class Lane {
  readonly #options: LaneOptions
  readonly #waiting: Group = { acks: [], openings: [], sends: [] }
  #characters = 0
  #gathering: NodeJS.Timeout | undefined
  #running: Promise<void> | undefined
  #begunAt: number | undefined
  /** Acknowledgements in the transaction that runs. */
  #writing: readonly Asked<Acknowledge, AcknowledgeOutcome>[] = []
  #closed = false

  constructor(options: LaneOptions) {
    this.#options = options
  }

  /** Requests that have no answer yet, but those under way. */
  get waiting(): number {
    return sizeOf(this.#waiting)
  }

  acknowledge(command: Acknowledge): Promise<AcknowledgeOutcome> {
    // A connection has one or two under way, so they are bounded.
    if (this.#closed) return Promise.reject(closed())
    return new Promise((resolve, reject) => {
      this.#waiting.acks.push({
        input: command,
        rows: ROWS_PER_ACK,
        characters: 0,
        resolve,
        reject,
      })
      this.#gathering ??= setTimeout(() => this.#start(), GATHER_MS)
    })
  }

  openDevice(command: Open): Promise<Opened> {
    return this.#ask(this.#waiting.openings, command, { rows: ROWS_PER_OPENING, characters: 0 })
  }

  send(command: SendCommand): Promise<SendOutcome> {
    const names = command.target.kind === 'users' ? command.target.users : []
    const characters = names.reduce((sum, { length }) => sum + length, command.contentJson.length)
    return this.#ask(this.#waiting.sends, command, { rows: 1 + 2 * names.length, characters })
  }

  /** Resolves when what was acknowledged before is written, or has failed: of these users, or of all. */
  async settled(users: 'all' | readonly string[]): Promise<void> {
    const named = new Set(users === 'all' ? [] : users)
    const concerns = ({ input }: Asked<Acknowledge, AcknowledgeOutcome>): boolean =>
      users === 'all' || named.has(input.user)
    // What waits goes into the next transaction, and maybe the one after it.
    const awaited = new Set([...this.#writing, ...this.#waiting.acks].filter(concerns))
    while ([...this.#writing, ...this.#waiting.acks].some((ack) => awaited.has(ack))) {
      this.#start()
      await this.#running
    }
  }

  /** Takes nothing more, and resolves when what was asked for is answered; idempotent. */
  async close(): Promise<void> {
    this.#closed = true
    while (this.#running || this.waiting > 0) {
      this.#start()
      await this.#running
    }
  }

  #ask<Input, Outcome>(
    queue: Asked<Input, Outcome>[],
    input: Input,
    cost: { rows: number; characters: number },
  ): Promise<Outcome> {
    if (this.#closed) return Promise.reject(closed())
    if (this.#isBehind()) return Promise.reject(overloaded())
    return new Promise((resolve, reject) => {
      queue.push({ input, ...cost, resolve, reject })
      this.#characters += cost.characters
      this.#start()
    })
  }

  #isBehind(): boolean {
    return (
      this.waiting >= MAX_WAITING ||
      this.#characters >= MAX_WAITING_CHARACTERS ||
      (this.#begunAt !== undefined && performance.now() - this.#begunAt >= MAX_SILENT_MS)
    )
  }

  #start(): void {
    clearTimeout(this.#gathering)
    this.#gathering = undefined
    if (this.#running) return
    // From here on it counts how long it takes: what the last one has begun long ago says nothing of this one.
    this.#begunAt = performance.now()
    this.#running = this.#run()
  }

  async #run(): Promise<void> {
    try {
      await this.#runGroups()
    } finally {
      // At once, so that who asks next finds that nothing runs.
      this.#running = undefined
    }
  }

  async #runGroups(): Promise<void> {
    // Never at once: `#running` is not set yet.
    await new Promise((resolve) => setImmediate(resolve))
    while (this.waiting > 0) {
      const group = this.#take()
      this.#writing = group.acks
      this.#begunAt = performance.now()
      await this.#settle(group)
      // Between two transactions nobody is kept waiting by one.
      this.#begunAt = undefined
      this.#writing = []
      // Acknowledgements alone may wait for others.
      if (this.#gathering && sizeOf(this.#waiting) === this.#waiting.acks.length) return
      // What is asked for by those who were just answered comes along.
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  /** What the next transaction does: a send never before an acknowledgement that was there first. */
  #take(): Group {
    clearTimeout(this.#gathering)
    this.#gathering = undefined
    const { acks, openings, sends } = this.#waiting
    const room = { rows: MAX_GROUP_ROWS }
    const taken = {
      acks: takeFrom(acks, room),
      openings: takeFrom(openings, room),
      // Users whom later sends name, and who are made before anything else is done, would be meant by one to everyone.
      sends: takeFrom(sends, room, ({ target }) => target.kind === 'everyone'),
    }
    for (const { characters } of taken.sends) this.#characters -= characters
    return taken
  }

  async #settle(group: Group): Promise<void> {
    const { database, bounds, operations, committed } = this.#options
    const begun = performance.now()
    try {
      const outcomes = await database.transaction((transaction) =>
        writeGroup(transaction, group, { bounds, operations }),
      )
      const seconds = (performance.now() - begun) / 1_000
      for (const [index, outcome] of outcomes.acks.entries()) group.acks[index]?.resolve(outcome)
      for (const [index, outcome] of outcomes.opened.entries()) {
        group.openings[index]?.resolve(outcome)
      }
      for (const [index, outcome] of outcomes.sent.entries()) group.sends[index]?.resolve(outcome)
      committed?.({ writes: sizeOf(group), seconds })
    } catch (error) {
      if (error instanceof PosthornError && isStoreTrouble(error.code)) {
        // All who wait are told: each would wait for the same database in turn.
        const left = this.#waiting
        refuse(group, error)
        refuse(
          {
            acks: left.acks.splice(0),
            openings: left.openings.splice(0),
            sends: left.sends.splice(0),
          },
          error,
        )
        this.#characters = 0
      } else if (sizeOf(group) === 1) {
        refuse(group, error instanceof TryAgain ? unavailable(error) : error)
      } else {
        for (const each of singles(group)) await this.#settle(each)
      }
    }
  }
}

function closed(): PosthornError {
  return unavailable(new Error('the store is closed'))
}

function sizeOf({ acks, openings, sends }: Group): number {
  return acks.length + openings.length + sends.length
}

/** Takes from the front what there is room for, and something in any case where all room is left; nothing after one that is the last. */
function takeFrom<Input, Outcome>(
  queue: Asked<Input, Outcome>[],
  room: { rows: number },
  isLast: (input: Input) => boolean = () => false,
): Asked<Input, Outcome>[] {
  let count = 0
  for (const { rows, input } of queue) {
    if (room.rows <= 0) break
    room.rows -= rows
    count += 1
    if (isLast(input)) break
  }
  return queue.splice(0, count)
}

function singles({ acks, openings, sends }: Group): Group[] {
  return [
    ...acks.map((ack) => ({ acks: [ack], openings: [], sends: [] })),
    ...openings.map((opening) => ({ acks: [], openings: [opening], sends: [] })),
    ...sends.map((send) => ({ acks: [], openings: [], sends: [send] })),
  ]
}

function refuse({ acks, openings, sends }: Group, error: unknown): void {
  for (const { reject } of [...acks, ...openings, ...sends]) reject(error)
}

/** Holds all users of the group at once, then does what was asked, kind after kind. */
async function writeGroup(
  transaction: Transaction,
  group: Group,
  { bounds, operations }: Pick<LaneOptions, 'bounds' | 'operations'>,
) {
  const [acks, openings] = [inputsOf(group.acks), inputsOf(group.openings)]
  const planned = await planSends(transaction, inputsOf(group.sends))
  const made = [...planned.named, ...openings.map(({ user }) => user)]
  const held = await holdUsers(transaction, [...acks.map(({ user }) => user), ...made], {
    make: new Set(made),
  })
  return {
    acks: acks.length > 0 ? await operations.acknowledgeAll(transaction, held, acks) : [],
    opened: openings.length > 0 ? await operations.openDevices(transaction, held, openings) : [],
    sent: planned.commands.length > 0 ? await sendAll(transaction, held, planned, { bounds }) : [],
  }
}

function inputsOf<Input>(asked: readonly { input: Input }[]): Input[] {
  return asked.map(({ input }) => input)
}
