import * as fc from 'fast-check'

const which = fc.nat({ max: 5 })
const node = fc.nat({ max: 2 })
const still = { fate: fc.constant('now' as const), carries: fc.constant(true) }
const trims = fc.constant(0)

const logChange = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('append' as const),
      ...still,
      trims,
      collapseKey: fc.constantFrom(null, null, 'k'),
      ttl: fc.constant(undefined),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('move' as const), which, ...still }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('recall' as const), which, ...still, trims }),
  },
)

/** A command changes the log at a node; what that node tells may carry the entry, or only say that something moved. */
const change = fc.record({
  kind: fc.constant('change' as const),
  node,
  change: logChange,
  carries: fc.boolean(),
})
/** One of the texts that are under way to a node, in whatever order. */
const deliver = fc.record({
  kind: fc.constant('deliver' as const),
  node,
  which,
  doubled: fc.boolean(),
})
const lose = fc.record({ kind: fc.constant('lose' as const), node, which })
const simple = fc.record({
  kind: fc.constantFrom('open', 'confirm', 'acknowledge', 'gather'),
  node,
})
const rare = fc.record({
  kind: fc.constantFrom('cut', 'mend', 'mute', 'unmute', 'leave', 'hold', 'release'),
  node,
})

const event = fc.oneof(
  { weight: 8, arbitrary: change },
  { weight: 8, arbitrary: deliver },
  { weight: 2, arbitrary: lose },
  { weight: 6, arbitrary: simple },
  { weight: 4, arbitrary: rare },
)

/** All that is drawn for the life of a cluster. */
export const clusterScenario = fc.record({
  nodes: fc.constantFrom(2, 3),
  /** What fits into a text: hardly a move, some, many. */
  maxBytes: fc.constantFrom(450, 1_000, 8_000),
  maxUnacked: fc.constantFrom(2, 512),
  /** Whether texts may be lost without a word; otherwise nobody has to wait for the slow look. */
  isLossy: fc.boolean(),
  events: fc.array(event, { maxLength: 40, size: 'max' }),
})

type ValueOf<Arbitrary> = Arbitrary extends fc.Arbitrary<infer Value> ? Value : never
export type ClusterScenario = ValueOf<typeof clusterScenario>
export type ClusterEvent = ValueOf<typeof event>
