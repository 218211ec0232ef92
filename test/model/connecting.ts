import * as fc from 'fast-check'
import { MAX_UNACKED } from './connection.js'
import type { ModelStart } from './device.js'
import type { Model } from './model.js'
import { DEVICES, SLOTS, USERS, type Slot, type UserName } from './names.js'
import { sendAtOnce, sayTerms, store, terms } from './sending.js'
import { step, type Step } from './step.js'
import type { World } from './world.js'
import { expectSame, expectTrue } from '../expectations.js'

/** A start as it is drawn: cursors by their distance from the end of the log, so that it shrinks to the plainest. */
type DrawnStart =
  | { kind: 'stored' | 'latest' }
  | { kind: 'before'; count: number; ownEpoch: boolean }
  | { kind: 'ahead'; count: number }

const start: fc.Arbitrary<DrawnStart> = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ kind: 'stored' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'latest' as const }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('before' as const),
      count: fc.nat({ max: 6 }),
      ownEpoch: fc.integer({ min: 0, max: 4 }).map((number) => number < 4),
    }),
  },
  {
    weight: 1,
    // Further than what may be sent meanwhile.
    arbitrary: fc.record({
      kind: fc.constant('ahead' as const),
      count: fc.constantFrom(10, 1_000_000),
    }),
  },
)

const connecting = fc.record({
  slot: fc.constantFrom(...SLOTS),
  // Most often the first, so that connections of one device meet.
  user: fc.constantFrom(USERS[0], ...USERS),
  device: fc.constantFrom(DEVICES[0], DEVICES[0], ...DEVICES),
  start,
  credential: fc.constantFrom('header' as const, 'subprotocol' as const, 'first-message' as const),
  batch: fc.boolean(),
  /** Notifications that are sent to its user while it is being opened. */
  meanwhile: fc.oneof(
    { weight: 3, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 4 }) },
  ),
  terms,
})
type Connecting = typeof connecting extends fc.Arbitrary<infer Value> ? Value : never

function say({
  slot,
  user,
  device,
  start,
  credential,
  batch,
  meanwhile,
  terms,
}: Connecting): string {
  const from = {
    stored: () => 'from the stored cursor',
    latest: () => 'from latest',
    before: (count: number, ownEpoch: boolean) =>
      `from ${count} before the end${ownEpoch ? '' : ' of another epoch'}`,
    ahead: (count: number) => `from ${count} after the end`,
  }
  const where =
    start.kind === 'before'
      ? from.before(start.count, start.ownEpoch)
      : start.kind === 'ahead'
        ? from.ahead(start.count)
        : from[start.kind]()
  return [
    `connect ${slot} as ${user}'s ${device} ${where}`,
    credential === 'header' ? '' : ` by ${credential}`,
    batch ? ' in arrays' : '',
    meanwhile > 0 ? ` while ${meanwhile} are sent${sayTerms(terms)}` : '',
  ].join('')
}

/** The start as the model knows it, in a log of this length. */
function settle(start: DrawnStart, latest: number): ModelStart {
  switch (start.kind) {
    case 'stored':
    case 'latest':
      return { kind: start.kind }
    case 'before':
      return {
        kind: 'cursor',
        cursor: Math.max(0, latest - start.count),
        ownEpoch: start.ownEpoch,
      }
    case 'ahead':
      return { kind: 'cursor', cursor: latest + start.count, ownEpoch: true }
  }
}

function queryOf(start: ModelStart, epoch: string, batch: boolean): Record<string, string> {
  const arrays = batch ? { batch: 'true' } : {}
  if (start.kind === 'stored') return arrays
  if (start.kind === 'latest') return { ...arrays, cursor: 'latest' }
  const claimed = start.ownEpoch ? epoch : 'another'
  return { ...arrays, cursor: String(start.cursor), epoch: claimed }
}

/** Opens a connection and holds its welcome against the model. */
export async function connect(
  model: Model,
  world: World,
  options: { slot: Slot; user: UserName; device: string; start: ModelStart } & Pick<
    Connecting,
    'credential' | 'batch' | 'meanwhile' | 'terms'
  >,
): Promise<void> {
  const { slot, user, device, start, credential, batch, meanwhile, terms } = options
  const epoch = world.epochs.get(user) ?? ''
  const before = model.latest(user)
  const { version } = model.users[user].log
  const [line, sent] = await Promise.all([
    world.connect(user, { device, credential, query: queryOf(start, epoch, batch) }),
    sendAtOnce(world, user, meanwhile, terms),
  ])
  world.lines.set(slot, line)
  const welcome = await line.welcome()
  const { cursor, latest, unread, unseen } = welcome
  expectSame(
    [welcome.user, welcome.device, welcome.epoch, welcome.maxUnacked],
    [world.nameOf(user), device, epoch, MAX_UNACKED],
    'welcome',
  )
  expectTrue(before <= latest && latest <= before + meanwhile, `latest ${latest} in the welcome`)
  // What came after it was opened may have taken the place of what its start acknowledged.
  const came = ([seq]: [number, string]): boolean => seq <= latest
  store(model, world, user, new Map([...sent].filter(came)), terms)
  const hadThen = model.users[user].log.hadAt({ unread, unseen }, latest)
  expectTrue(hadThen, `counts in the welcome, ${unread} and ${unseen}`)
  model.connect(slot, { user, device, start }, { cursor, latest, version })
  store(model, world, user, new Map([...sent].filter((one) => !came(one))), terms)
}

export const connections: fc.Arbitrary<Step> = connecting.map((drawn) =>
  step({
    says: say(drawn),
    kind: `connect ${drawn.start.kind}${drawn.meanwhile > 0 ? ' while sending' : ''}`,
    when: (model) => !model.connections.has(drawn.slot),
    does: (model, world) => {
      const start = settle(drawn.start, model.latest(drawn.user))
      return connect(model, world, { ...drawn, start })
    },
  }),
)
