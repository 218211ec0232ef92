import * as fc from 'fast-check'
import { MarkAction, type MarkPayload, type MarkResult } from '../../src/protocol/mark.js'
import { expectSame, expectTrue } from '../expectations.js'
import type { ModelEntry } from './log.js'
import type { Model } from './model.js'
import { SLOTS, USERS, type Slot, type UserName } from './names.js'
import { sendAtOnce } from './sending.js'
import { step, type Step } from './step.js'
import type { World } from './world.js'

/** Who asks: the user or a service over HTTP, or one of the user's devices on its socket. */
type Asking = { via: 'user' | 'service'; user: UserName } | { via: 'socket'; slot: Slot }

const user = fc.constantFrom(USERS[0], ...USERS)
const asking: fc.Arbitrary<Asking> = fc.oneof(
  fc.record({ via: fc.constantFrom('user' as const, 'service' as const), user }),
  fc.record({ via: fc.constant('socket' as const), slot: fc.constantFrom(...SLOTS) }),
)
export const action = fc.constantFrom(...MarkAction.options)

const STRANGE_ID = '01990000-0000-7000-8000-000000000000'

function say(who: Asking): string {
  return who.via === 'socket'
    ? who.slot
    : who.via === 'user'
      ? who.user
      : `a service, of ${who.user}`
}

function canAsk(model: Readonly<Model>, who: Asking): boolean {
  return who.via !== 'socket' || model.connections.get(who.slot)?.paused === false
}

function userOf(model: Model, who: Asking): UserName {
  if (who.via !== 'socket') return who.user
  return model.connections.get(who.slot)?.user ?? USERS[0]
}

/** Undefined where it was refused as one too many. */
async function ask(world: World, who: Asking, user: UserName, mark: MarkPayload) {
  const line = who.via === 'socket' ? world.line(who.slot) : undefined
  if (!line?.mayAsk) return world.mark(user, mark, who.via === 'service' ? 'service' : 'user')
  const { result, code } = await line.ask({ type: 'mark', payload: mark })
  expectSame(code, result ? undefined : 'rate_limited', 'error')
  return result
}

/** Moves what was marked in the model, all at once; what was sent meanwhile has the places that it was told. How many moved. */
function apply(
  model: Model,
  user: UserName,
  marked: {
    action: MarkAction
    of: readonly ModelEntry[]
    sent?: ReadonlyMap<number, string>
  },
): number {
  const { action, of, sent = new Map<number, string>() } = marked
  const { log } = model.users[user]
  let moved: number | undefined
  const mark = (): void => {
    // Retention may have taken some of them for what was sent before the mark.
    const entries = log.changes(action, of)
    moved = entries.length
    for (const entry of entries) model.move(user, action, entry)
  }
  for (let left = sent.size; left > 0; left--) {
    if (!sent.has(log.latest + 1) && moved === undefined) mark()
    const id = sent.get(log.latest + 1)
    if (id === undefined) throw new Error(`nothing that was sent took ${log.latest + 1}`)
    model.send([user], id)
  }
  if (moved === undefined) mark()
  return moved ?? 0
}

function expectResult(model: Model, user: UserName, result: MarkResult, updated: number): void {
  const { latest, unread, unseen } = result
  const { log } = model.users[user]
  expectSame(result.updated, updated, 'how many a mark has changed')
  expectTrue(log.hadAt({ unread, unseen }, latest), `counts of a mark, ${unread} and ${unseen}`)
}

const byIds: fc.Arbitrary<Step> = fc
  .tuple(asking, action, fc.array(fc.nat({ max: 7 }), { minLength: 1, maxLength: 4 }), fc.boolean())
  .map(([who, action, picks, withStrange]) =>
    step({
      says: `${say(who)} marks as ${action} the entries ${picks.join()} before the newest`,
      kind: `mark ${action} by ids`,
      when: (model) => canAsk(model, who),
      does: async (model, world) => {
        const user = userOf(model, who)
        const { log } = model.users[user]
        // Among them some that are gone.
        const chosen = picks.flatMap((pick) => log.entries.at(-1 - pick) ?? [])
        const ids = [...chosen.map(({ id }) => id), ...(withStrange ? [STRANGE_ID] : [])]
        if (ids.length === 0) return
        const result = await ask(world, who, user, { action, ids })
        if (!result) throw new Error('a mark by ids was refused')
        expectResult(model, user, result, apply(model, user, { action, of: chosen }))
        expectSame(result.latest, log.latest, 'latest')
      },
    }),
  )

const upTo: fc.Arbitrary<Step> = fc
  .record({
    who: asking,
    action,
    back: fc.nat({ max: 6 }),
    meanwhile: fc.constantFrom(0, 0, 0, 3),
  })
  .map(({ who, action, back, meanwhile }) =>
    step({
      says: [
        `${say(who)} marks as ${action} all up to ${back} before the end`,
        meanwhile > 0 ? ` while ${meanwhile} are sent` : '',
      ].join(''),
      kind: `mark ${action} by upTo${meanwhile > 0 ? ' while sending' : ''}`,
      when: (model) => canAsk(model, who),
      does: async (model, world) => {
        const user = userOf(model, who)
        const { log } = model.users[user]
        const upTo = Math.max(0, log.latest - back)
        const meant = log.living.filter(({ arrivedSeq }) => arrivedSeq <= upTo)
        const [result, sent] = await Promise.all([
          ask(world, who, user, { action, upTo }),
          sendAtOnce(world, user, meanwhile),
        ])
        // One too many is refused, and only where five were taken before.
        if (!result)
          expectSame(model.users[user].bulkMarks >= 5, true, 'enough marks to refuse one')
        const moved = apply(model, user, { action, of: result ? meant : [], sent })
        if (!result) return
        model.users[user].bulkMarks += 1
        expectResult(model, user, result, moved)
      },
    }),
  )

export const marking: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: byIds },
  { weight: 2, arbitrary: upTo },
)
