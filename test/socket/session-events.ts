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

/** The clock moves by the same. */
const TTL_STEP_MS = 250

/** Whether the wake carries the entry; otherwise it only says that something moved. */
const carries = fc.boolean()

/** How many of the oldest rows go for what comes, in its transaction. */
const trims = fc.oneof(
  { weight: 12, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.constantFrom(1, 2) },
)

const append = fc.record({
  kind: fc.constant('append' as const),
  fate,
  carries,
  trims,
  collapseKey: fc.constantFrom(null, null, 'k', 'l'),
  ttl: fc.oneof(
    { weight: 3, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 4 }).map((steps) => steps * TTL_STEP_MS) },
  ),
})
const move = fc.record({ kind: fc.constant('move' as const), which, fate, carries })
const recall = fc.record({ kind: fc.constant('recall' as const), which, fate, carries, trims })
/** What has expired becomes tombstones. */
const sweep = fc.record({ kind: fc.constant('sweep' as const), fate, carries })
/** Retention removes the oldest rows. */
const trim = fc.record({
  kind: fc.constant('trim' as const),
  count: fc.constantFrom(1, 1, 1, 2, 8),
  fate,
})

/** What changes a log. */
const change = fc.oneof(
  { weight: 7, arbitrary: append },
  { weight: 9, arbitrary: move },
  { weight: 3, arbitrary: recall },
  { weight: 2, arbitrary: sweep },
  { weight: 1, arbitrary: trim },
)

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
  milliseconds: fc.constantFrom(1, TTL_STEP_MS, 2 * TTL_STEP_MS),
})
const ahead = fc.record({ kind: fc.constant('acknowledge ahead' as const) })

const event = fc.oneof(
  { weight: 10, arbitrary: change },
  { weight: 3, arbitrary: acknowledge },
  { weight: 6, arbitrary: answer },
  { weight: 2, arbitrary: drain },
  { weight: 4, arbitrary: ebb },
  { weight: 1, arbitrary: elsewhere },
  { weight: 1, arbitrary: ahead },
  { weight: 3, arbitrary: pass },
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
  /** What comes into the log first. */
  first: fc.array(append, { maxLength: 8, size: 'max' }),
  /** Of how many of them, at most, the wakes are still on their way. */
  recent: fc.nat({ max: 8 }),
  /** Up to here, at most, the device has acknowledged them; or passed them unread, by `cursor=latest`. */
  cursor: fc.nat({ max: 4 }),
  skipped: fc.boolean(),
  /** What has happened to it since. */
  since: fc.array(fc.oneof({ weight: 4, arbitrary: change }, { weight: 1, arbitrary: pass }), {
    maxLength: 4,
  }),
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
export type LogChange = ValueOf<typeof change>
