import type { Down } from '../../src/protocol/down/index.js'
import type { DownOf } from '../client.js'
import { expectSame, expectTrue } from '../expectations.js'
import type { MemoryEntries } from './memory-entries.js'

/** What tells of an entry of the log, and waits for its acknowledgement. */
export type EntryMessage = DownOf<'notification' | 'updated' | 'removed'>

export const isEntry = (message: Down): message is EntryMessage =>
  ['notification', 'updated', 'removed'].includes(message.type)

/** How often each kind of thing was seen, over all runs. */
export const seen = new Map<string, number>()

export function note(what: string): void {
  seen.set(what, (seen.get(what) ?? 0) + 1)
}

/** What a connection was told, from where it started. */
export interface Passed {
  position: number
  /** Each `seq`. */
  told: readonly number[]
  /** What `gap` said to be gone, each from and to. */
  gaps: readonly [number, number][]
}

/** An entry that was passed between two places has moved on, or has expired: it comes later. */
export function expectNonePassed(log: MemoryEntries, last: number, before: number): void {
  const passed = log.restingAfter(last).filter((seq) => seq < before)
  const expired = passed.filter((seq) => log.hasExpired(seq))
  if (expired.length > 0) note('expired and passed over')
  expectSame(passed.join(), expired.join(), `passed before ${before}`)
}

/** What retention removed was told before, or had expired, or is in a gap. */
export function expectGapsBefore(
  log: MemoryEntries,
  { position, told, gaps }: Passed,
  seq: number,
): void {
  const silent = [...log.trimmed.keys()].filter(
    (gone) =>
      gone > position &&
      gone < seq &&
      !told.includes(gone) &&
      !log.hasExpired(gone) &&
      !gaps.some(([from, to]) => from < gone && gone <= to),
  )
  expectSame(silent.join(), '', `removed by retention before ${seq} and not told of`)
}

/** Counts are those of one moment since `seq` was taken. */
export function expectCounts(
  log: MemoryEntries,
  seq: number,
  told: { unread?: number | undefined; unseen?: number | undefined },
): void {
  const fits = log.moments.some(
    ({ latest, unread, unseen }) =>
      latest >= seq && unread === told.unread && unseen === told.unseen,
  )
  expectTrue(fits, `${told.unread} unread and ${told.unseen} unseen since ${seq}`)
}
