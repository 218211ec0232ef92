import * as fc from 'fast-check'
import { MarkAction } from '../../../src/protocol/mark.js'

/** Where a random connection starts; the epoch itself is looked up when the connection is made. */
export type RandomStart =
  { kind: 'stored' } | { kind: 'latest' } | { kind: 'cursor'; cursor: number; ownEpoch: boolean }

export const USERS = ['alice', 'bob', 'carol']
/** Most often one of them, so that more becomes of its entries. */
const user = fc.constantFrom('alice', ...USERS)
const device = fc.constantFrom('phone', 'laptop')
/** Most often the right one: the wrong one changes nothing. */
const ownEpoch = fc.integer({ min: 0, max: 4 }).map((number) => number < 4)

const start: fc.Arbitrary<RandomStart> = fc.oneof(
  fc.constant({ kind: 'stored' as const }),
  fc.constant({ kind: 'latest' as const }),
  fc.record({ kind: fc.constant('cursor' as const), cursor: fc.nat({ max: 5 }), ownEpoch }),
)

export const TYPES = ['test', 'other']
const type = fc.constantFrom(...TYPES)
const someType = fc.constantFrom(undefined, ...TYPES)

const HOUR = 60 * 60 * 1_000

/** How much time goes by before an operation, in milliseconds: keys, notifications and schedules run out on the way. */
const pauseMs = fc.constantFrom(1, 1_000, 13 * HOUR)

const content = {
  pauseMs,
  type,
  collapseKey: fc.constantFrom(undefined, undefined, 'a', 'b'),
  ttlMs: fc.constantFrom(undefined, undefined, 2_000, 14 * HOUR),
  /** How much later it is due. */
  delayMs: fc.constantFrom(undefined, undefined, undefined, 1_500, 14 * HOUR),
  key: fc.constantFrom(undefined, undefined, 'k', 'l'),
  fingerprint: fc.constantFrom('one', 'two'),
}
const sending = fc.record({
  kind: fc.constant('send' as const),
  ...content,
  users: fc.uniqueArray(user, { minLength: 1 }),
})
const broadcasting = fc.record({
  kind: fc.constant('send' as const),
  ...content,
  users: fc.constant('everyone' as const),
})
const opening = fc.record({ kind: fc.constant('open' as const), pauseMs, user, device, start })
const acknowledging = fc.record({
  kind: fc.constant('acknowledge' as const),
  pauseMs,
  user,
  device,
  seq: fc.nat({ max: 6 }),
  ownEpoch,
})

const ids = fc.record({
  kind: fc.constant('ids' as const),
  /** Of what was sent so far, by number, also to others; one beyond names what was never sent. */
  picks: fc.uniqueArray(fc.nat({ max: 4 }), { minLength: 1, maxLength: 5 }),
})
const upTo = fc.record({
  kind: fc.constant('upTo' as const),
  after: fc.constantFrom(0, 0, 2),
  upTo: fc.nat({ max: 12 }),
  type: someType,
  ownEpoch,
})
const marking = fc.record({
  kind: fc.constant('mark' as const),
  pauseMs,
  user,
  action: fc.constantFrom(...MarkAction.options),
  limit: fc.constantFrom(1, 2, 100),
  entries: fc.oneof(ids, upTo),
})
const reading = fc.record({
  kind: fc.constant('read' as const),
  pauseMs,
  user,
  device,
  startedAt: fc.nat({ max: 8 }),
  whole: fc.constantFrom(undefined, undefined, true, false),
  after: fc.constantFrom(0, 0, 3),
  limit: fc.constantFrom(1, 3, 100),
})

const few = fc.constantFrom(1, 2, 100)
const recalling = fc.record({
  kind: fc.constant('recall' as const),
  pauseMs,
  /** Of what was sent so far, from the newest back. */
  back: fc.nat({ max: 4 }),
  limit: fc.constantFrom(0, 1, 100),
  own: ownEpoch,
})
/** What may be too old. */
const agedMs = fc.constantFrom(0, 2_000, 14 * HOUR)
const trimming = fc.record({
  kind: fc.constant('trim' as const),
  pauseMs,
  user,
  agedMs,
  limit: few,
})
const expiring = fc.record({ kind: fc.constant('expire' as const), pauseMs, limit: few })
const firing = fc.record({ kind: fc.constant('fire' as const), pauseMs, limit: few })
const stepping = fc.record({ kind: fc.constant('step' as const), pauseMs, limit: few })
const forgetting = fc.record({ kind: fc.constant('forget' as const), pauseMs, agedMs, limit: few })

type ValueOf<Arbitrary> = Arbitrary extends fc.Arbitrary<infer Value> ? Value : never
export type Sending = ValueOf<typeof sending> | ValueOf<typeof broadcasting>
export type Opening = ValueOf<typeof opening>
export type Acknowledging = ValueOf<typeof acknowledging>
export type Marking = ValueOf<typeof marking>
export type Reading = ValueOf<typeof reading>
export type Recalling = ValueOf<typeof recalling>
export type Trimming = ValueOf<typeof trimming>
export type Expiring = ValueOf<typeof expiring>
export type Firing = ValueOf<typeof firing>
export type Stepping = ValueOf<typeof stepping>
export type Forgetting = ValueOf<typeof forgetting>
export type Operation =
  | Sending
  | Opening
  | Acknowledging
  | Marking
  | Reading
  | Recalling
  | Trimming
  | Expiring
  | Firing
  | Stepping
  | Forgetting

/** What touches the users of one run alone, whoever else is in the store. */
const own: fc.WeightedArbitrary<Operation>[] = [
  { weight: 6, arbitrary: sending },
  { weight: 2, arbitrary: opening },
  { weight: 3, arbitrary: acknowledging },
  { weight: 5, arbitrary: marking },
  { weight: 3, arbitrary: reading },
  { weight: 2, arbitrary: recalling },
  { weight: 1, arbitrary: trimming },
]
/** What touches all that is due, whoever's it is. */
const byTime: fc.WeightedArbitrary<Operation>[] = [
  { weight: 2, arbitrary: expiring },
  { weight: 2, arbitrary: firing },
  { weight: 2, arbitrary: stepping },
  { weight: 1, arbitrary: forgetting },
]

function some(
  choices: readonly fc.WeightedArbitrary<Operation>[],
  maxLength: number,
): fc.Arbitrary<Operation[]> {
  return fc.array(fc.oneof(...choices), { maxLength, size: 'max' })
}

/** What a few users and devices may do in a while, beside others. */
export const ownOperations = some(own, 40)
/** The same, alone in the store for as long. */
export const operations = some([...own, ...byTime], 40)
/** The same in a store that nobody else ever uses, for long. */
export const allOperations = some([...own, ...byTime, { weight: 2, arbitrary: broadcasting }], 400)
