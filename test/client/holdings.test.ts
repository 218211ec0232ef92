import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Notification } from '../../src/client/frames.js'
import { Holdings, type Listed } from '../../src/client/holdings.js'
import { drawSeed } from '../random.js'
import { notification } from './fake-server.js'

const RUNS = 4_000

const AT = '2026-11-22T10:00:00.000Z'
const LIMIT = 3

type Entry =
  | { kind: 'held'; seq: number; copy: Notification }
  | { kind: 'removed'; seq: number; id: string; collapseKey: string | null }

/** The log as the service has it: each notification once, at its latest change. */
class Log {
  latest = 0
  readonly #entries = new Map<string, Entry>()
  #sent = 0

  send(collapseKey: string | null): void {
    for (const [id, entry] of this.#entries) {
      if (keyOf(entry) === collapseKey && collapseKey !== null) this.#entries.delete(id)
    }
    const seq = ++this.latest
    this.#put(notification(++this.#sent, { seq, arrivedSeq: seq, collapseKey }))
  }

  /** Changes the one at this place among those that are there, where that changes anything. */
  mark(place: number, state: Partial<Notification>): void {
    const copy = this.#at(place)
    if (!copy) return
    const next = { ...copy, ...state }
    if (next.readAt === copy.readAt && next.archivedAt === copy.archivedAt) return
    this.#put({ ...next, seq: ++this.latest })
  }

  /** Archives so many of the newest that are shown, as somebody does who tidies up. */
  tidy(count: number): void {
    for (const copy of this.shown().slice(0, count)) {
      this.#put({ ...copy, archivedAt: AT, readAt: AT, seq: ++this.latest })
    }
  }

  remove(place: number): void {
    const copy = this.#at(place)
    if (!copy) return
    const { id, collapseKey } = copy
    this.#entries.set(id, { kind: 'removed', seq: ++this.latest, id, collapseKey })
  }

  /** The oldest are gone, and nobody is told but by a gap. */
  forget(count: number): void {
    for (const entry of this.after(0).slice(0, count)) {
      this.#entries.delete(entry.kind === 'held' ? entry.copy.id : entry.id)
    }
  }

  after(seq: number): Entry[] {
    const later = [...this.#entries.values()].filter((entry) => entry.seq > seq)
    return later.toSorted((a, b) => a.seq - b.seq)
  }

  copy(id: string): Notification | undefined {
    const entry = this.#entries.get(id)
    return entry?.kind === 'held' ? entry.copy : undefined
  }

  /** What a list without an end would show. */
  shown(): Notification[] {
    return this.#copies()
      .filter(({ archivedAt }) => archivedAt === null)
      .toSorted((a, b) => b.arrivedSeq - a.arrivedSeq)
  }

  #at(place: number): Notification | undefined {
    const copies = this.#copies()
    return copies[place % copies.length]
  }

  #copies(): Notification[] {
    return [...this.#entries.values()].flatMap((entry) =>
      entry.kind === 'held' ? [entry.copy] : [],
    )
  }

  #put(copy: Notification): void {
    this.#entries.set(copy.id, { kind: 'held', seq: copy.seq, copy })
  }
}

function keyOf(entry: Entry): string | null {
  return entry.kind === 'held' ? entry.copy.collapseKey : entry.collapseKey
}

const STATES: Partial<Notification>[] = [
  { readAt: AT },
  { readAt: null },
  { archivedAt: AT, readAt: AT },
  { archivedAt: null },
  { archivedAt: null },
]

/** A device that hears of the log in its order, loses its place now and then, and asks for what it lacks; answers take their time. */
class Device {
  readonly #log: Log
  readonly holdings = new Holdings(LIMIT)
  #heard = 0
  readonly #history: Entry[] = []
  /** Up to where it was told of each. */
  readonly told = new Map<string, number>()
  /** Contents that it was sent: of these the service may tell the state alone. */
  readonly #contents = new Map<string, number>()
  limit = LIMIT
  asked = 0
  refilled = 0
  #answer: (() => void) | undefined

  constructor(log: Log) {
    this.#log = log
    this.list()
  }

  /** Hears again, late, what it was told before: of what it holds, or of what was removed. */
  hearAgain(place: number, isWhole: boolean): void {
    const entry = this.#history[place % this.#history.length]
    if (entry?.kind === 'removed') this.#remove(entry)
    if (entry?.kind !== 'held' || !this.holdings.get(entry.copy.id)) return
    if (isWhole) this.holdings.put(entry.copy)
    else this.holdings.update(entry.copy)
  }

  /** Hears of so many changes more. */
  hear(count: number, isWhole: boolean): void {
    for (const entry of this.#log.after(this.#heard).slice(0, count)) {
      this.#heard = entry.seq
      this.told.set(entry.kind === 'held' ? entry.copy.id : entry.id, entry.seq)
      this.#history.push(entry)
      if (entry.kind === 'removed') {
        this.#remove(entry)
      } else if (!isWhole && this.#contents.get(entry.copy.id) === entry.copy.arrivedSeq) {
        this.holdings.update(entry.copy)
      } else {
        this.#contents.set(entry.copy.id, entry.copy.arrivedSeq)
        this.holdings.put(entry.copy)
      }
    }
  }

  /** Comes back on another connection, and hears again of what it did not acknowledge. */
  reconnect(lost: number): void {
    this.#heard = Math.max(0, this.#heard - lost)
  }

  #remove({ seq, id, collapseKey }: Extract<Entry, { kind: 'removed' }>): void {
    this.holdings.remove({ seq, id, collapseKey: collapseKey ?? undefined })
  }

  /** What was asked for before counts for nothing. */
  list(): void {
    this.holdings.beginAnswer()
    const shown = this.#log.shown()
    const { limit } = this
    const list: Listed = {
      items: shown.slice(0, limit),
      limit,
      hasMore: shown.length > limit,
      latest: this.#log.latest,
    }
    this.#answer = () => this.holdings.list(list)
  }

  more(): void {
    this.limit += 2
    this.list()
  }

  askForLacking(): void {
    if (this.#answer || !this.holdings.isLacking) return
    this.asked++
    const ids = this.holdings.takeLacking()
    this.holdings.beginAnswer()
    const copies = ids.flatMap((id) => this.#log.copy(id) ?? [])
    this.#answer = () => this.holdings.add(copies)
  }

  takeAnswer(): void {
    this.#answer?.()
    this.#answer = undefined
  }

  /** Hears of all, and asks until nothing is lacking and enough is held. */
  settle(): void {
    this.hear(Infinity, false)
    this.takeAnswer()
    while (this.holdings.isLacking || this.holdings.isThin) {
      if (this.holdings.isThin) this.refill()
      else this.askForLacking()
      this.takeAnswer()
    }
  }

  refill(): void {
    this.refilled++
    this.list()
  }
}

interface Step {
  do:
    | 'send'
    | 'mark'
    | 'remove'
    | 'tidy'
    | 'hear'
    | 'again'
    | 'reconnect'
    | 'gap'
    | 'list'
    | 'more'
    | 'ask'
    | 'answer'
  number: number
  isWhole: boolean
}

// What happens to the log comes more often than what the device does about it.
const step: fc.Arbitrary<Step> = fc.record({
  do: fc.oneof(
    { arbitrary: fc.constantFrom('send', 'mark', 'hear'), weight: 8 },
    { arbitrary: fc.constantFrom('mark', 'again', 'ask', 'answer'), weight: 4 },
    { arbitrary: fc.constantFrom('remove', 'tidy', 'reconnect', 'gap', 'list', 'more'), weight: 1 },
  ),
  number: fc.nat({ max: 20 }),
  isWhole: fc.boolean(),
})

function act(log: Log, device: Device, { do: what, number, isWhole }: Step): void {
  switch (what) {
    case 'send':
      return log.send(number < 3 ? `key-${number}` : null)
    case 'mark':
      return log.mark(number, STATES[number % STATES.length] ?? {})
    case 'remove':
      return log.remove(number)
    case 'tidy':
      return log.tidy(number % 4)
    case 'hear':
      return device.hear(number, isWhole)
    case 'again':
      return device.hearAgain(number, isWhole)
    case 'reconnect':
      return device.reconnect(number)
    case 'gap':
      log.forget(number)
      return device.list()
    case 'list':
      return device.list()
    case 'more':
      return device.more()
    case 'ask':
      return device.askForLacking()
    case 'answer':
      return device.takeAnswer()
  }
}

/** How often the end was one of these: what never comes tests nothing. */
const ends = { all: 0, some: 0, asked: 0, refilled: 0 }
const seed = drawSeed()

test(`holds the newest of the inbox without a hole, whatever is told and asked in whatever order (SEED=${seed})`, () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80, size: 'max' }), (steps) => {
      const log = new Log()
      const device = new Device(log)
      for (const step of steps) {
        act(log, device, step)
        const stale = device.holdings
          .items()
          .filter(({ id, seq }) => seq < (device.told.get(id) ?? 0))
        expect(stale).toEqual([])
      }
      device.settle()
      const items = device.holdings.items()
      const { hasMore } = device.holdings
      const shown = log.shown()
      expect(items).toEqual(hasMore ? shown.slice(0, items.length) : shown)
      expect(items.length).toBeLessThanOrEqual(device.limit)
      expect(items.length).toBeGreaterThanOrEqual(Math.min(shown.length, device.limit / 2))
      device.list()
      device.settle()
      expect(device.holdings.items()).toEqual(shown.slice(0, device.limit))
      log.tidy(items.length)
      device.settle()
      expect(device.holdings.items()).toEqual(log.shown().slice(0, device.limit))
      ends[hasMore ? 'some' : 'all']++
      if (device.asked > 0) ends.asked++
      if (device.refilled > 0) ends.refilled++
    }),
    { seed, numRuns: RUNS },
  )
  expect(Math.min(...Object.values(ends))).toBeGreaterThan(RUNS / 20)
})

test('what was out of date when it was told does not come back with an answer', () => {
  const holdings = new Holdings(2)
  const first = notification(1, { seq: 1, arrivedSeq: 1 })
  holdings.put(first)
  holdings.update({ ...first, seq: 2, archivedAt: AT })
  holdings.beginAnswer()
  holdings.put(first)
  for (const number of [3, 4]) {
    holdings.put(notification(number, { seq: number, arrivedSeq: number }))
  }
  holdings.add([])
  expect(holdings.items().map(({ seq }) => seq)).toEqual([4, 3])
  expect(holdings.hasMore).toBe(false)
})
