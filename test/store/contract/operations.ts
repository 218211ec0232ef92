import * as fc from 'fast-check'

/** Where a random connection starts; the epoch itself is looked up when the connection is made. */
export type RandomStart =
  { kind: 'stored' } | { kind: 'latest' } | { kind: 'cursor'; cursor: number; ownEpoch: boolean }

export const USERS = ['alice', 'bob', 'carol']
const user = fc.constantFrom(...USERS)
const device = fc.constantFrom('phone', 'laptop')
/** Most often the right one: the wrong one changes nothing. */
const ownEpoch = fc.integer({ min: 0, max: 4 }).map((number) => number < 4)

const start: fc.Arbitrary<RandomStart> = fc.oneof(
  fc.constant({ kind: 'stored' as const }),
  fc.constant({ kind: 'latest' as const }),
  fc.record({ kind: fc.constant('cursor' as const), cursor: fc.nat({ max: 5 }), ownEpoch }),
)

/** How much time goes by before an operation, in milliseconds: idempotency keys expire on the way. */
const pauseMs = fc.constantFrom(1, 1_000, 13 * 60 * 60 * 1_000)

const sending = fc.record({
  kind: fc.constant('send' as const),
  pauseMs,
  users: fc.uniqueArray(user, { minLength: 1 }),
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

type ValueOf<Arbitrary> = Arbitrary extends fc.Arbitrary<infer Value> ? Value : never
export type Sending = ValueOf<typeof sending>
export type Opening = ValueOf<typeof opening>
export type Acknowledging = ValueOf<typeof acknowledging>
export type Operation = Sending | Opening | Acknowledging

/** What a few users and devices may do in a while. */
export const operations: fc.Arbitrary<Operation[]> = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: sending },
    { weight: 2, arbitrary: opening },
    { weight: 2, arbitrary: acknowledging },
  ),
  { maxLength: 20, size: 'max' },
)
