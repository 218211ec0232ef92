import * as fc from 'fast-check'
import type { Model, ModelTarget } from './model.js'
import { USERS } from './names.js'
import { sayTerms, terms, termsKind, toUsers, user } from './sending.js'
import { note, step, type Step } from './step.js'
import { aged, fannedOut, pass } from './time.js'
import type { World } from './world.js'
import { expectSame } from '../expectations.js'

const TOPICS = ['news', 'sport'] as const

const topic = fc.constantFrom(...TOPICS)

/** A day and more: all that there is has grown too old then. */
const LONG_MS = 2 * 86_400_000

const toMany: fc.Arbitrary<ModelTarget> = fc.oneof(
  fc.constant({ kind: 'everyone' as const }),
  topic.map((topic) => ({ kind: 'topic' as const, topic })),
)

const target: fc.Arbitrary<ModelTarget> = fc.oneof(
  { weight: 3, arbitrary: user.map((user) => toUsers(user)) },
  { weight: 1, arbitrary: fc.constant(toUsers(...USERS)) },
  { weight: 4, arbitrary: toMany },
)

function sayTarget(target: ModelTarget): string {
  if (target.kind === 'users') return target.users.join(' and ')
  return target.kind === 'topic' ? `whoever wants ${target.topic}` : 'everyone'
}

/** Each has a time of its own, which no ttl ends at: what is due at one time is done in no certain order. */
function momentOf(model: Model, world: World, seconds: number): number {
  const unique = model.notifications.length + model.scheduled.length + 1
  return (Math.floor(world.host.now / 1_000) + seconds) * 1_000 + unique
}

const schedule: fc.Arbitrary<Step> = fc
  .tuple(target, fc.integer({ min: 1, max: 3 }), terms)
  .map(([target, seconds, terms]) =>
    step({
      says: `send to ${sayTarget(target)} in ${seconds} s${sayTerms(terms)}`,
      kind: `schedule to ${target.kind}`,
      when: (model) => model.scheduled.length < 4,
      does: async (model, world) => {
        const dueAt = momentOf(model, world, seconds)
        const receipt = await world.send(target, { terms, deliverAt: dueAt }, 202)
        const total = target.kind === 'users' ? target.users.length : 0
        const expected = { status: 'scheduled', seq: undefined, total, stored: 0 }
        const { id, status, seq, recipients } = receipt
        expectSame({ status, seq, ...recipients }, expected, 'receipt')
        model.scheduled.push({ id, dueAt, target, terms })
      },
    }),
  )

const sendToMany: fc.Arbitrary<Step> = fc.tuple(toMany, terms).map(([target, terms]) =>
  step({
    says: `send to ${sayTarget(target)}${sayTerms(terms)}`,
    kind: `send to ${target.kind}${termsKind(terms)}`,
    does: async (model, world) => {
      const { id, status } = await world.send(target, { terms }, 202)
      expectSame(status, 'fanning_out', 'status')
      await fannedOut(world, id)
      model.send(model.meant(target), id, { terms, now: world.host.now, isForMore: true })
    },
  }),
)

/** Of two with one key the one that was accepted later stands, whichever came to the inbox first. */
const sendBeside: fc.Arbitrary<Step> = fc.tuple(user, fc.boolean()).map(([user, isFirst]) =>
  step({
    says: `send to everyone, and to ${user} ${isFirst ? 'after' : 'before'} that, in the place of k`,
    kind: `send to everyone ${isFirst ? 'before' : 'after'} one`,
    when: (model) => model.users[user].isKnown,
    does: async (model, world) => {
      const terms = { collapseKey: 'k', ttl: null }
      const everyone = { kind: 'everyone' as const }
      const options = { terms, now: world.host.now }
      const next = model.latest(user) + 1
      const targets = isFirst ? [everyone, toUsers(user)] : [toUsers(user), everyone]
      const receipts = await world.batch(targets, terms)
      const [many, one] = isFirst ? receipts : receipts.toReversed()
      if (!many || !one) throw new Error('a batch of two had fewer answers')
      await fannedOut(world, many.id)
      const known = model.meant(everyone)
      if (isFirst && one.seq === next) {
        // The older one came to this inbox after the newer one, and gave way.
        model.send(
          known.filter((other) => other !== user),
          many.id,
          { ...options, isForMore: true },
        )
        model.send([user], one.id, options)
        model.users[user].log.never(many.id, 'replaced')
        model.notifications.find(({ id }) => id === many.id)?.users.push(user)
        note('gave way')
        return
      }
      if (isFirst) model.send(known, many.id, { ...options, isForMore: true })
      expectSame([one.seq], model.send([user], one.id, options), 'seq')
      if (!isFirst) model.send(known, many.id, { ...options, isForMore: true })
    },
  }),
)

const subscribe: fc.Arbitrary<Step> = fc
  .tuple(topic, fc.constantFrom(...USERS), fc.integer({ min: 0, max: 3 }))
  .map(([topic, user, chance]) =>
    step({
      says: `${chance > 0 ? 'subscribe' : 'unsubscribe'} ${user} to ${topic}`,
      kind: chance > 0 ? 'subscribe' : 'unsubscribe',
      does: async (model, world) => {
        expectSame(await world.subscribe(topic, user, chance > 0), 204, 'status')
        const subscribers = model.topics.get(topic) ?? new Set()
        model.topics.set(topic, subscribers)
        if (chance > 0) subscribers.add(user)
        else subscribers.delete(user)
        if (chance > 0) model.users[user].isKnown = true
      },
    }),
  )

const wait: fc.Arbitrary<Step> = fc.integer({ min: 1, max: 4 }).map((seconds) =>
  step({
    says: `${seconds} s pass`,
    kind: 'time passes',
    does: (model, world) => pass(model, world, seconds * 1_000),
  }),
)

/** Who reads nothing for so long is no device any more; who is connected stays. */
const grow: fc.Arbitrary<Step> = fc.constant(
  step({
    says: 'two days pass',
    kind: 'days pass',
    when: (model) => model.connections.size === 0,
    does: async (model, world) => {
      await pass(model, world, 15_000)
      model.landAll()
      await world.host.moveTo(world.host.now + LONG_MS)
      for (const user of USERS) await aged(model, world, user)
      model.age()
      model.keys.clear()
      for (const user of USERS) model.users[user].devices.clear()
    },
  }),
)

export const waiting: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: wait },
  { weight: 8, arbitrary: schedule },
  { weight: 4, arbitrary: sendToMany },
  { weight: 2, arbitrary: sendBeside },
  { weight: 4, arbitrary: grow },
  { weight: 3, arbitrary: subscribe },
)
