import * as fc from 'fast-check'
import { SendReceipt } from '../../src/protocol/send.js'
import { PLAIN, type Model, type Terms } from './model.js'
import { USERS, type UserName } from './names.js'
import { step, type Step } from './step.js'
import type { World } from './world.js'
import { expectSame } from '../expectations.js'

// Most often the first, so that its log grows longer than windows are.
export const user = fc.constantFrom(USERS[0], ...USERS)

/** Few keys, so that they meet again, and lives so short that they end within a run. */
export const terms: fc.Arbitrary<Terms> = fc.record({
  collapseKey: fc.constantFrom(null, null, 'k', 'l'),
  ttl: fc.constantFrom(null, null, null, 1, 2, 5),
})

export function sayTerms({ collapseKey, ttl }: Terms): string {
  const key = collapseKey === null ? '' : ` in the place of ${collapseKey}`
  return ttl === null ? key : `${key} for ${ttl} s`
}

export const termsKind = ({ collapseKey, ttl }: Terms): string =>
  `${collapseKey === null ? '' : ' with a collapse key'}${ttl === null ? '' : ' with a ttl'}`

export const toUsers = (...users: UserName[]) => ({ kind: 'users' as const, users })

/** Sends `count` to one user at once; each id by the place that it took in its log. */
export async function sendAtOnce(
  world: World,
  user: UserName,
  count: number,
  terms = PLAIN,
): Promise<Map<number, string>> {
  const receipts = await Promise.all(
    Array.from({ length: count }, () => world.send(toUsers(user), { terms })),
  )
  const sent = new Map<number, string>()
  for (const { id, seq = NaN, recipients } of receipts) {
    expectSame(recipients, { total: 1, stored: 1 }, 'recipients')
    sent.set(seq, id)
  }
  return sent
}

/** Stands what was sent to one user in the model's log: nothing else took a place meanwhile. */
export function store(
  model: Model,
  world: World,
  user: UserName,
  sent: ReadonlyMap<number, string>,
  terms = PLAIN,
): void {
  const next = model.latest(user) + 1
  for (let seq = next; seq < next + sent.size; seq++) {
    const id = sent.get(seq)
    if (id === undefined) throw new Error(`of what was sent at once, nothing took ${seq}`)
    model.send([user], id, { terms, now: world.host.now })
  }
}

const one: fc.Arbitrary<Step> = fc.tuple(user, terms).map(([user, terms]) =>
  step({
    says: `send to ${user}${sayTerms(terms)}`,
    kind: `send${termsKind(terms)}`,
    does: async (model, world) => {
      const { id, seq } = await world.send(toUsers(user), { terms })
      expectSame([seq], model.send([user], id, { terms, now: world.host.now }), 'seq')
    },
  }),
)

const several: fc.Arbitrary<Step> = fc
  .tuple(user, fc.integer({ min: 2, max: 5 }), terms)
  .map(([user, count, terms]) =>
    step({
      says: `send ${count} at once to ${user}${sayTerms(terms)}`,
      kind: `send at once${termsKind(terms)}`,
      does: async (model, world) =>
        store(model, world, user, await sendAtOnce(world, user, count, terms), terms),
    }),
  )

const toBoth: fc.Arbitrary<Step> = terms.map((terms) =>
  step({
    says: `send to both${sayTerms(terms)}`,
    kind: 'send to both',
    does: async (model, world) => {
      const { id, seq, recipients } = await world.send(toUsers(...USERS), { terms })
      expectSame([seq, recipients], [undefined, { total: 2, stored: 2 }], 'receipt')
      model.send(USERS, id, { terms, now: world.host.now })
    },
  }),
)

/** With few keys and few titles, so that both are met again, together and apart. */
const withKey: fc.Arbitrary<Step> = fc
  .tuple(user, fc.constantFrom('k', 'l'), fc.constantFrom('one', 'two'))
  .map(([user, key, text]) =>
    step({
      says: `send ${text} to ${user} with idempotency key ${key}`,
      kind: 'send with an idempotency key',
      does: async (model, world) => {
        const body = `${text} for ${user}`
        const kept = model.keys.get(key)
        const response = await world.post(toUsers(user), body, { idempotencyKey: key })
        const replayed = response.headers.get('idempotency-replayed')
        if (kept !== undefined && kept.body !== body) {
          expectSame([response.status, replayed], [422, null], 'refusal of another body')
          await response.arrayBuffer()
          return
        }
        const expected = [201, kept === undefined ? null : 'true']
        expectSame([response.status, replayed], expected, 'status and replay')
        const receipt = SendReceipt.parse(await response.json())
        if (kept) {
          expectSame(receipt, kept.receipt, 'first answer')
          return
        }
        model.keys.set(key, { body, receipt })
        expectSame([receipt.seq], model.send([user], receipt.id), 'seq')
      },
    }),
  )

export const sending: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: one },
  { weight: 3, arbitrary: several },
  { weight: 1, arbitrary: toBoth },
  { weight: 1, arbitrary: withKey },
)
