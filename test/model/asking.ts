import * as fc from 'fast-check'
import { idOf } from './entry-event.js'
import type { Model } from './model.js'
import { DEVICES, USERS, type UserName } from './names.js'
import { isSame, stateOf, type ModelFilter, type ModelState } from './state.js'
import { step, type Step } from './step.js'
import type { World } from './world.js'
import { expectSame, expectTrue } from '../expectations.js'

const user = fc.constantFrom(...USERS)
const limit = fc.constantFrom(1, 2, 3, 100)
const filter = fc.constantFrom<ModelFilter[]>('inbox', 'unread', 'unseen', 'archived', 'all')

interface Listed {
  id: string
  seq: number
  arrivedSeq: number
  collapseKey: string | null
  state: ModelState
}

export async function expectCounts(model: Model, world: World, user: UserName): Promise<void> {
  const { log } = model.users[user]
  const epoch = world.epochs.get(user)
  const expected = { ...log.counts, latest: log.latest, epoch }
  expectSame(await world.counts(user), expected, `counts of ${user}`)
}

/** The inbox, page by page, shows what the filter lets through, newest first. */
export async function expectList(
  model: Model,
  world: World,
  { user, filter, limit }: { user: UserName; filter: ModelFilter; limit: number },
): Promise<void> {
  const { log } = model.users[user]
  const found: Listed[] = []
  let page: string | undefined
  do {
    const { items, nextPage, ...head } = await world.list(user, filter, limit, page)
    found.push(
      ...items.map(({ id, seq, arrivedSeq, collapseKey, ...times }) => {
        return { id, seq, arrivedSeq, collapseKey, state: stateOf(times) }
      }),
    )
    const epoch = world.epochs.get(user)
    const expected = { ...log.counts, latest: log.latest, epoch }
    expectSame(head, expected, `head of the list of ${user}`)
    page = nextPage ?? undefined
  } while (page !== undefined)
  const inbox = log.list(filter).map(({ id, seq, arrivedSeq, collapseKey, state }): Listed => {
    return { id, seq, arrivedSeq, collapseKey, state }
  })
  expectSame(found, inbox, `list of ${user} with filter ${filter}`)
}

const counts: fc.Arbitrary<Step> = user.map((user) =>
  step({
    says: `counts of ${user}`,
    kind: 'counts',
    does: (model, world) => expectCounts(model, world, user),
  }),
)

const list: fc.Arbitrary<Step> = fc.tuple(user, filter, limit).map(([user, filter, limit]) =>
  step({
    says: `list of ${user} with filter ${filter}, ${limit} a page`,
    kind: 'list',
    does: (model, world) => expectList(model, world, { user, filter, limit }),
  }),
)

const changes: fc.Arbitrary<Step> = fc
  .tuple(user, fc.nat({ max: 8 }), limit, fc.option(fc.constantFrom(...DEVICES, 'unknown')))
  .map(([user, back, limit, name]) =>
    step({
      says: `changes of ${user} for ${name ?? 'no device'} from ${back} before the end, ${limit} a page`,
      kind: 'changes',
      does: async (model, world) => {
        const { log, devices } = model.users[user]
        const { latest } = log
        const after = Math.max(0, latest - back)
        const device = name ?? undefined
        const { events, ...rest } = await world.changes(user, { after, limit, device })
        const reader = device === undefined ? undefined : devices.get(device)
        const page = log.restingAfter(after).slice(0, limit)
        const [gap, told] =
          events[0]?.type === 'gap' ? [events[0].payload, events.slice(1)] : [undefined, events]
        const missing = { from: after, to: log.horizon, reason: 'retention' }
        expectSame(gap, after < log.horizon ? missing : undefined, 'gap')
        expectSame(told.length, page.length, `how many changes of ${user}`)
        for (const [index, entry] of page.entries()) {
          const event = told[index]
          if (!event || event.type === 'gap') throw new Error('a gap among the entries')
          expectSame([event.payload.seq, idOf(event)], [entry.seq, entry.id], 'seq and id')
          if (event.type === 'removed') {
            expectSame(event.payload.reason, entry.outcome, `the end of ${entry.seq}`)
            continue
          }
          expectSame(entry.outcome, undefined, `the end of ${entry.seq}`)
          const times = event.type === 'notification' ? event.payload.notification : event.payload
          expectTrue(isSame(stateOf(times), entry.state), `the state of ${entry.seq}`)
          const forms = reader?.forms(entry, after, (cursor) => after < cursor) ?? ['notification']
          expectTrue(
            forms.some((may) => may === event.type),
            `${event.type} of ${entry.seq}`,
          )
        }
        const next = page.length === limit ? (page.at(-1)?.seq ?? NaN) : latest
        const epoch = world.epochs.get(user)
        const head = { next, caughtUp: next === latest, ...log.counts, epoch }
        expectSame(rest, head, `head of the changes of ${user}`)
      },
    }),
  )

const strayedChanges: fc.Arbitrary<Step> = fc.tuple(user, fc.boolean()).map(([user, ahead]) =>
  step({
    says: `changes of ${user} ${ahead ? 'from after the end' : 'of another epoch'}`,
    kind: 'changes from elsewhere',
    does: async (model, world) => {
      const query = ahead ? { after: model.latest(user) + 1 } : { after: 0, epoch: 'another' }
      const response = await world.changesResponse(user, { limit: 5, ...query })
      await response.arrayBuffer()
      expectSame(response.status, 409, 'status')
    },
  }),
)

export const asking: fc.Arbitrary<Step> = fc.oneof(
  { weight: 2, arbitrary: counts },
  { weight: 1, arbitrary: list },
  { weight: 2, arbitrary: changes },
  { weight: 1, arbitrary: strayedChanges },
)
