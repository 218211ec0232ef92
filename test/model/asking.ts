import * as fc from 'fast-check'
import type { Model } from './model.js'
import { USERS, type UserName } from './names.js'
import { step, type Step } from './step.js'
import type { World } from './world.js'
import { expectSame } from '../expectations.js'

const user = fc.constantFrom(...USERS)
const limit = fc.constantFrom(1, 2, 3, 100)

export async function expectCounts(model: Model, world: World, user: UserName): Promise<void> {
  const latest = model.latest(user)
  const epoch = world.epochs.get(user)
  const expected = { unread: latest, unseen: latest, latest, epoch }
  expectSame(await world.counts(user), expected, `counts of ${user}`)
}

/** The inbox, page by page, holds the log from its end. */
export async function expectList(
  model: Model,
  world: World,
  { user, limit }: { user: UserName; limit: number },
): Promise<void> {
  const { log } = model.users[user]
  const found: string[] = []
  let page: string | undefined
  do {
    const { items, nextPage, ...head } = await world.list(user, limit, page)
    found.push(...items.map(({ id }) => id))
    const latest = log.length
    const epoch = world.epochs.get(user)
    expectSame(
      head,
      { unread: latest, unseen: latest, latest, epoch },
      `head of the list of ${user}`,
    )
    page = nextPage ?? undefined
  } while (page !== undefined)
  expectSame(found, log.toReversed(), `list of ${user}`)
}

const counts: fc.Arbitrary<Step> = user.map((user) =>
  step({
    says: `counts of ${user}`,
    kind: 'counts',
    does: (model, world) => expectCounts(model, world, user),
  }),
)

const list: fc.Arbitrary<Step> = fc.tuple(user, limit).map(([user, limit]) =>
  step({
    says: `list of ${user}, ${limit} a page`,
    kind: 'list',
    does: (model, world) => expectList(model, world, { user, limit }),
  }),
)

const changes: fc.Arbitrary<Step> = fc
  .tuple(user, fc.nat({ max: 8 }), limit)
  .map(([user, back, limit]) =>
    step({
      says: `changes of ${user} from ${back} before the end, ${limit} a page`,
      kind: 'changes',
      does: async (model, world) => {
        const { log } = model.users[user]
        const latest = log.length
        const after = Math.max(0, latest - back)
        const { events, ...rest } = await world.changes(user, { after, limit })
        const ids = events.map(({ payload }) => [payload.seq, payload.notification.id])
        const next = Math.min(latest, after + limit)
        const expected = log.slice(after, next).map((id, index) => [after + 1 + index, id])
        expectSame(ids, expected, `changes of ${user}`)
        const epoch = world.epochs.get(user)
        const caughtUp = next === latest
        const head = { next, caughtUp, unread: latest, unseen: latest, epoch }
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
