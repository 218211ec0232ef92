import * as fc from 'fast-check'
import { RecallReceipt } from '../../src/protocol/send.js'
import type { Model } from './model.js'
import { step, type Step } from './step.js'
import type { World } from './world.js'
import { expectSame } from '../expectations.js'

const STRANGE_ID = '01990000-0000-7000-8000-000000000000'

async function refuse(world: World, id: string, by: 'sender' | 'another'): Promise<void> {
  const response = await world.recall(id, by)
  await response.arrayBuffer()
  expectSame(response.status, 404, 'status')
}

/** Takes a notification back out of each inbox that has it, or off the schedule. */
export async function recall(model: Model, world: World, id: string): Promise<void> {
  const response = await world.recall(id, 'sender')
  expectSame(response.status, 200, 'status')
  const receipt = RecallReceipt.parse(await response.json())
  expectSame([receipt.id, receipt.status], [id, 'recalled'], 'receipt')
  const scheduled = model.scheduled.find((waiting) => waiting.id === id)
  if (scheduled) {
    const { target } = scheduled
    model.scheduled.splice(model.scheduled.indexOf(scheduled), 1)
    const users = target.kind === 'users' ? target.users : []
    const total = users.length
    for (const user of users) {
      model.users[user].isKnown = true
      model.users[user].log.never(id, 'recalled')
    }
    expectSame(receipt.recipients, { total, stored: 0 }, 'recipients')
    model.notifications.push({
      id,
      users: [...users],
      expiresAt: Infinity,
      isRecalled: true,
      isForgotten: false,
      recipients: receipt.recipients,
    })
    return
  }
  const notification = model.notifications.find((sent) => sent.id === id)
  if (!notification) throw new Error(`the model knows nothing of ${id}`)
  const { recipients = receipt.recipients, users } = notification
  expectSame(receipt.recipients, recipients, 'recipients')
  for (const user of notification.isRecalled ? [] : users) {
    const entry = model.users[user].log.living.find((living) => living.id === id)
    if (entry) model.remove(user, entry, 'recalled')
  }
  notification.isRecalled = true
}

const recallSent: fc.Arbitrary<Step> = fc
  .tuple(fc.nat({ max: 7 }), fc.integer({ min: 0, max: 5 }))
  .map(([pick, who]) =>
    step({
      says: `${who === 0 ? 'another service recalls' : 'recall'} the ${pick} before the newest`,
      kind: who === 0 ? 'recall by another service' : 'recall',
      when: (model) => model.notifications.at(-1 - pick)?.isForgotten === false,
      does: async (model, world) => {
        const { id = STRANGE_ID } = model.notifications.at(-1 - pick) ?? {}
        await (who === 0 ? refuse(world, id, 'another') : recall(model, world, id))
      },
    }),
  )

const recallScheduled: fc.Arbitrary<Step> = fc.nat({ max: 1 }).map((pick) =>
  step({
    says: `recall what is scheduled, the ${pick} before the newest`,
    kind: 'recall what is scheduled',
    when: (model) => model.scheduled.at(-1 - pick) !== undefined,
    does: async (model, world) => {
      const { id = STRANGE_ID } = model.scheduled.at(-1 - pick) ?? {}
      await refuse(world, id, 'another')
      await recall(model, world, id)
    },
  }),
)

const recallStrange: fc.Arbitrary<Step> = fc.constant(
  step({
    says: 'recall what nobody sent',
    kind: 'recall what nobody sent',
    does: (_, world) => refuse(world, STRANGE_ID, 'sender'),
  }),
)

export const recalling: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: recallSent },
  { weight: 4, arbitrary: recallScheduled },
  { weight: 1, arbitrary: recallStrange },
)
