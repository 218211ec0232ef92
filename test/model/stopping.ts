import * as fc from 'fast-check'
import type { MarkAction } from '../../src/protocol/mark.js'
import { SendReceipt } from '../../src/protocol/send.js'
import { idOf } from './entry-event.js'
import type { ModelEntry } from './log.js'
import { action as anyAction } from './marking.js'
import type { Model } from './model.js'
import { USERS, type UserName } from './names.js'
import { toUsers } from './sending.js'
import { step, type Step } from './step.js'
import { arriveAt, pass } from './time.js'
import type { World } from './world.js'
import { expectSame, expectTrue } from '../expectations.js'

/** What those know who were interrupted: what was accepted, and which titles may or may not stand in the log. */
interface Interrupted {
  accepted: SendReceipt[]
  unknown: string[]
}

/** A mark that was interrupted: what it was to change, and whether it was answered. */
interface InterruptedMark {
  action: MarkAction
  entries: ModelEntry[]
  outcome: 'taken' | 'refused' | 'unknown'
}

/** Sends until the service is gone; whoever has no answer then can't tell whether it was stored. */
async function sendIntoTheEnd(
  world: World,
  { user, count }: { user: UserName; count: number },
): Promise<Interrupted> {
  const interrupted: Interrupted = { accepted: [], unknown: [] }
  await Promise.all(
    Array.from({ length: count }, async () => {
      const title = world.nextTitle()
      const receipt = await world
        .post(toUsers(user), title)
        .then(async (response) =>
          response.status === 201 ? SendReceipt.parse(await response.json()) : undefined,
        )
        .catch(() => undefined)
      if (receipt) interrupted.accepted.push(receipt)
      else interrupted.unknown.push(title)
    }),
  )
  return interrupted
}

/** Marks all that there is until the service is gone. */
async function markIntoTheEnd(
  model: Model,
  world: World,
  { user, action }: { user: UserName; action: MarkAction | null },
): Promise<InterruptedMark | undefined> {
  if (action === null) return undefined
  const { log } = model.users[user]
  const entries = log.changes(action, log.living)
  const outcome = await world.mark(user, { action, upTo: log.latest }, 'user').then(
    (result) => (result ? ('taken' as const) : ('refused' as const)),
    () => 'unknown' as const,
  )
  return { action, entries, outcome }
}

/** Takes into the model what stands in the log after the end of the service: all that was accepted, and what may be. */
async function adopt(
  model: Model,
  world: World,
  interrupted: Interrupted & { user: UserName; mark: InterruptedMark | undefined },
): Promise<void> {
  const { user, accepted, unknown, mark } = interrupted
  const { events } = await world.changes(user, { after: model.latest(user), limit: 100 })
  const marked = new Map(mark?.entries.map((entry) => [entry.id, entry]))
  const found = events.flatMap((event) =>
    event.type === 'notification' && !marked.has(event.payload.notification.id)
      ? [event.payload]
      : [],
  )
  const promised = accepted.map(({ seq, id }) => `${seq} ${id}`)
  const stands = new Set(found.map(({ seq, notification }) => `${seq} ${notification.id}`))
  const lost = promised.filter((text) => !stands.has(text))
  expectSame(lost, [], 'accepted and lost')
  const ids = new Set(accepted.map(({ id }) => id))
  const extra = found.flatMap(({ notification: { id, title } }) =>
    ids.has(id) ? [] : [title ?? ''],
  )
  expectSame(new Set(extra).size, extra.length, 'each at most once')
  expectTrue(
    extra.every((title) => unknown.includes(title)),
    `what was stored without an answer: ${extra.join(', ')} of ${unknown.join(', ')}`,
  )
  let moved = 0
  for (const event of events) {
    // What was sent has taken the place of older ones.
    if (event.type === 'gap') continue
    const { payload } = event
    const id = idOf(event)
    const entry = marked.get(id)
    if (mark && entry) {
      model.move(user, mark.action, entry)
      moved += 1
    } else {
      model.send([user], id)
    }
    expectSame(payload.seq, model.latest(user), 'seq')
  }
  expectMarked(mark, moved)
}

/** A step of a mark is done or not: all that was answered, nothing that was refused, and no half of one. */
function expectMarked(mark: InterruptedMark | undefined, moved: number): void {
  if (!mark) return
  const all = mark.entries.length
  const may = { taken: [all], refused: [0], unknown: [0, all] }[mark.outcome]
  expectTrue(may.includes(moved), `${moved} of ${all} marked, by a mark that was ${mark.outcome}`)
}

const restarting = fc.record({
  signal: fc.constantFrom('SIGTERM' as const, 'SIGKILL' as const),
  user: fc.constantFrom(...USERS),
  /** Notifications that are being sent when it ends. */
  meanwhile: fc.oneof(
    { weight: 1, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 6 }) },
  ),
  /** A mark of all that is there, which is under way when it ends. */
  mark: fc.option(anyAction, { freq: 2 }),
  /** Seconds that pass before it comes back. */
  asleep: fc.constantFrom(0, 1, 3),
})

export const stopping: fc.Arbitrary<Step> = restarting.map(
  ({ signal, user, meanwhile, mark: action, asleep }) =>
    step({
      says: [
        `restart by ${signal}`,
        meanwhile > 0 ? ` while ${meanwhile} are sent to ${user}` : '',
        action === null ? '' : ` while all of ${user} is marked as ${action}`,
        asleep > 0 ? `, for ${asleep} s` : '',
      ].join(''),
      kind: [
        `restart by ${signal}`,
        meanwhile > 0 ? ' while sending' : '',
        action === null ? '' : ' while marking',
      ].join(''),
      does: async (model, world) => {
        // In a small inbox it could not be told which of the two took from the other.
        const isSmall = model.users[user].log.limit < 100
        const count = isSmall && action !== null ? 0 : meanwhile
        const sending = sendIntoTheEnd(world, { user, count })
        const marking = markIntoTheEnd(model, world, { user, action })
        // With some of them under way, and with luck some answered: the first answer is what is waited for.
        if (count > 0 || action !== null) await world.counts(user)
        world.host.signal(signal)
        const codes = await Promise.all([...world.lines.values()].map((line) => line.ended()))
        const [interrupted, mark] = await Promise.all([sending, marking])
        const exit = await world.host.gone()
        const [goodbye, end] = signal === 'SIGTERM' ? [1012, 0] : [1006, null]
        expectSame(new Set(codes), new Set(codes.map(() => goodbye)), 'close codes')
        expectSame(exit, end, 'exit code')
        // What came while it was ending belongs to the log as well: in the model it comes before its end.
        const lines = [...world.lines]
        // What is due is done at once when it comes back: what was under way is told apart where nothing is.
        const isQuiet = count === 0 && action === null
        const until = world.host.now + asleep * 1_000
        const due = isQuiet ? model.nextEvent(until) : undefined
        if (due !== undefined) await world.host.moveTo(due)
        await world.back()
        if (!isQuiet) await adopt(model, world, { user, ...interrupted, mark })
        for (const [slot, line] of lines) {
          const connection = model.connections.get(slot)
          if (connection) line.hear(connection)
        }
        model.restarted()
        if (due !== undefined) await arriveAt(model, world)
        await pass(model, world, until - world.host.now)
      },
    }),
)
