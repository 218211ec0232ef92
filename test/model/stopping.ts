import * as fc from 'fast-check'
import { SendReceipt } from '../../src/protocol/send.js'
import type { Model } from './model.js'
import { USERS, type UserName } from './names.js'
import { step, type Step } from './step.js'
import type { World } from './world.js'
import { expectSame, expectTrue } from '../expectations.js'

/** What a sender knows who was interrupted: what was accepted, and which titles may or may not stand in the log. */
interface Interrupted {
  accepted: SendReceipt[]
  unknown: string[]
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
        .post([user], title)
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

/** Takes into the model what stands in the log after the end of the service: all that was accepted, and what may be. */
async function adopt(
  model: Model,
  world: World,
  { user, accepted, unknown }: Interrupted & { user: UserName },
): Promise<void> {
  const { events } = await world.changes(user, { after: model.latest(user), limit: 100 })
  const found = events.map(({ payload }) => payload)
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
  for (const { seq, notification } of found) {
    expectSame([seq], model.send([user], notification.id), 'seq')
  }
}

const restarting = fc.record({
  signal: fc.constantFrom('SIGTERM' as const, 'SIGKILL' as const),
  user: fc.constantFrom(...USERS),
  /** Notifications that are being sent when it ends. */
  meanwhile: fc.oneof(
    { weight: 1, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 6 }) },
  ),
})

export const stopping: fc.Arbitrary<Step> = restarting.map(({ signal, user, meanwhile }) =>
  step({
    says: `restart by ${signal}${meanwhile > 0 ? ` while ${meanwhile} are sent to ${user}` : ''}`,
    kind: `restart by ${signal}${meanwhile > 0 ? ' while sending' : ''}`,
    does: async (model, world) => {
      const sending = sendIntoTheEnd(world, { user, count: meanwhile })
      // With some of them under way, and with luck some answered: the first answer is what is waited for.
      if (meanwhile > 0) await world.counts(user)
      world.host.signal(signal)
      const codes = await Promise.all([...world.lines.values()].map((line) => line.ended()))
      const interrupted = await sending
      const exit = await world.host.gone()
      const [goodbye, end] = signal === 'SIGTERM' ? [1012, 0] : [1006, null]
      expectSame(new Set(codes), new Set(codes.map(() => goodbye)), 'close codes')
      expectSame(exit, end, 'exit code')
      // What came while it was ending belongs to the log as well: in the model it comes before its end.
      const lines = [...world.lines]
      await world.back()
      await adopt(model, world, { user, ...interrupted })
      for (const [slot, line] of lines) {
        line.expectBeginning(model.connections.get(slot)?.expected ?? [])
      }
      model.restarted()
    },
  }),
)
