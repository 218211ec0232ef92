import * as fc from 'fast-check'
import type { Start } from '../../src/protocol/socket-query.js'

/** What becomes of the wake that a commit sends: it may be lost, doubled or late (`src/inbox/wake.ts`). */
const fates = ['now', 'late', 'now and late', 'late twice'] as const
export type Fate = (typeof fates)[number] | 'lost'

/** `asking`: as of the moment in which the store was asked; `answering`: as of the one in which its answer comes. */
const moment = fc.constantFrom('asking' as const, 'answering' as const)

// Seldom lost, so that many runs need no look at the store to have everything.
const fate = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom(...fates) },
  { weight: 1, arbitrary: fc.constant('lost' as const) },
)

/** Which of the entries that stand in the log, counted from the last. */
const which = fc.nat({ max: 5 })

const append = fc.record({
  kind: fc.constant('append' as const),
  fate,
  /** Whether the wake carries the entry; otherwise it only says that something moved. */
  carries: fc.boolean(),
})
const move = fc.record({ kind: fc.constant('move' as const), which, fate, carries: fc.boolean() })
const acknowledge = fc.record({
  kind: fc.constant('acknowledge' as const),
  /** How many of the last that were sent it leaves out. */
  back: fc.nat({ max: 4 }),
  withId: fc.boolean(),
})
const elsewhere = fc.record({
  kind: fc.constant('acknowledge elsewhere' as const),
  back: fc.nat({ max: 4 }),
})
const answer = fc.record({ kind: fc.constant('answer' as const) })
/** The kernel takes the buffer; a socket tells of that only a while later. */
const ebb = fc.record({ kind: fc.constant('ebb' as const) })
const drain = fc.record({ kind: fc.constant('drain' as const) })
const pass = fc.record({
  kind: fc.constant('pass time' as const),
  milliseconds: fc.integer({ min: 1, max: 500 }),
})
const ahead = fc.record({ kind: fc.constant('acknowledge ahead' as const) })

const event = fc.oneof(
  { weight: 4, arbitrary: append },
  { weight: 4, arbitrary: move },
  { weight: 3, arbitrary: acknowledge },
  { weight: 6, arbitrary: answer },
  { weight: 2, arbitrary: drain },
  { weight: 4, arbitrary: ebb },
  { weight: 1, arbitrary: elsewhere },
  { weight: 1, arbitrary: ahead },
  { weight: 1, arbitrary: pass },
)

const start: fc.Arbitrary<Start> = fc.oneof(
  fc.constant({ kind: 'stored' as const }),
  fc.constant({ kind: 'latest' as const }),
  fc.record({
    kind: fc.constant('cursor' as const),
    cursor: fc.nat({ max: 8 }),
    epoch: fc.constantFrom('an-epoch', 'an-epoch', 'an-epoch', 'another'),
  }),
)

/** All that is drawn for the life of one session. */
export const scenario = fc.record({
  /** Entries in the log at first. */
  length: fc.nat({ max: 8 }),
  /** Of how many of them, at most, the wakes are still on their way. */
  recent: fc.nat({ max: 8 }),
  /** Up to here, at most, the device has acknowledged them; or passed them unread, by `cursor=latest`. */
  cursor: fc.nat({ max: 4 }),
  skipped: fc.boolean(),
  /** Those of them that were marked since. */
  moved: fc.array(which, { maxLength: 3 }),
  start,
  batch: fc.boolean(),
  maxUnacked: fc.integer({ min: 1, max: 5 }),
  /** Most entries of a page; the store ends pages by their bytes, too. */
  pageSize: fc.integer({ min: 1, max: 4 }),
  /** What a frame with entries adds to the buffer, in KiB: three of the middle one take it above the high-water mark. */
  frameKiB: fc.constantFrom(0, 100, 300, 300),
  /** Of when each answer of the store is, in turn. */
  moments: fc.array(moment, { minLength: 1, maxLength: 8 }),
  events: fc.array(event, { maxLength: 30, size: 'max' }),
  /** Whether it goes on until all is sent, or ends in the midst of it, from this side or from the other. */
  ending: fc.constantFrom(
    'settled' as const,
    'settled' as const,
    'closed' as const,
    'cut' as const,
  ),
})

type ValueOf<Arbitrary> = Arbitrary extends fc.Arbitrary<infer Value> ? Value : never
export type Scenario = ValueOf<typeof scenario>
export type SessionEvent = ValueOf<typeof event>
