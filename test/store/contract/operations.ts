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

/** How much time goes by before an operation, in milliseconds: idempotency keys expire on the way. */
const pauseMs = fc.constantFrom(1, 1_000, 13 * 60 * 60 * 1_000)

const sending = fc.record({
  kind: fc.constant('send' as const),
  pauseMs,
  users: fc.uniqueArray(user, { minLength: 1 }),
  type,
  key: fc.constantFrom(undefined, undefined, 'k', 'l'),
  fingerprint: fc.constantFrom('one', 'two'),
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

type ValueOf<Arbitrary> = Arbitrary extends fc.Arbitrary<infer Value> ? Value : never
export type Sending = ValueOf<typeof sending>
export type Opening = ValueOf<typeof opening>
export type Acknowledging = ValueOf<typeof acknowledging>
export type Marking = ValueOf<typeof marking>
export type Reading = ValueOf<typeof reading>
export type Operation = Sending | Opening | Acknowledging | Marking | Reading

/** What a few users and devices may do in a while. */
export const operations: fc.Arbitrary<Operation[]> = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: sending },
    { weight: 2, arbitrary: opening },
    { weight: 2, arbitrary: acknowledging },
    { weight: 6, arbitrary: marking },
    { weight: 2, arbitrary: reading },
  ),
  { maxLength: 40, size: 'max' },
)
