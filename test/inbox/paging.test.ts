import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { InboxFilter } from '../../src/inbox/store.js'
import { MarkAction } from '../../src/protocol/mark.js'
import { openInbox, type OpenedInbox } from './opened-inbox.js'

// Someone pages through an inbox while it changes under the reader: what stays there all the while is shown once.

/** So small that arrivals push the oldest out. */
const INBOX_LIMIT = 12

type Step =
  | { kind: 'arrive'; key: string | null; ttl: number | null }
  /** Of the entry that was sent so many ago. */
  | { kind: 'mark'; back: number; action: MarkAction }
  | { kind: 'recall'; back: number }
  | { kind: 'expire' }

const back = fc.nat({ max: 14 })
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('arrive' as const),
      key: fc.option(fc.constantFrom('a', 'b', 'c'), { freq: 1 }),
      ttl: fc.option(fc.constantFrom(1, 2), { freq: 1 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('mark' as const),
      back,
      action: fc.constantFrom(...MarkAction.options),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('recall' as const), back }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'expire' as const }) },
)

const run = fc.record({
  filter: fc.constantFrom<InboxFilter>('all', 'inbox', 'unread'),
  limit: fc.integer({ min: 1, max: 4 }),
  before: fc.array(step, { minLength: 20, maxLength: 30 }),
  /** What happens after each page. */
  between: fc.array(fc.array(step, { minLength: 1, maxLength: 4 }), {
    minLength: 15,
    maxLength: 15,
  }),
})

/** One user's inbox in the hands of a run. */
class Reader {
  readonly #inbox: OpenedInbox
  readonly #user: string
  readonly #sent: string[] = []

  constructor(inbox: OpenedInbox, user: string) {
    this.#inbox = inbox
    this.#user = user
  }

  async take(step: Step): Promise<void> {
    const inbox = this.#inbox
    const id = 'back' in step ? this.#sent.at(-1 - step.back) : undefined
    switch (step.kind) {
      case 'arrive': {
        const said = { collapseKey: step.key, ttl: step.ttl, type: 'test' }
        const { receipt } = await inbox.send({ to: { user: this.#user }, ...said })
        this.#sent.push(receipt.id)
        return
      }
      case 'mark': {
        if (id === undefined) return
        const entries = { kind: 'ids' as const, ids: [id] }
        const { action } = step
        await inbox.store.mark({ user: this.#user, action, at: inbox.now, limit: 10, entries })
        return
      }
      case 'recall':
        if (id !== undefined) await inbox.recall(id)
        return
      case 'expire':
        inbox.now += 1_000
        await inbox.store.expire({ at: inbox.now, limit: 1_000 })
        return
    }
  }

  async page(filter: InboxFilter, before: number | undefined, limit: number) {
    const { entries, next } = await this.#inbox.store.list({
      user: this.#user,
      filter,
      before,
      limit,
    })
    return { arrived: entries.map(({ arrivedSeq }) => arrivedSeq), next }
  }
}

test('pages show all that stayed, once and newest first, whatever arrives, moves and vanishes between them', async () => {
  await using inbox = await openInbox({ inboxLimit: INBOX_LIMIT })
  let users = 0
  let shifting = 0
  await fc.assert(
    fc.asyncProperty(run, async ({ filter, limit, before, between }) => {
      const reader = new Reader(inbox, `user-${users++}`)
      for (const step of before) await reader.take(step)
      let stayed = new Set((await reader.page(filter, undefined, 1_000)).arrived)
      const size = stayed.size
      const shown: number[] = []
      let next: number | undefined
      for (const steps of between) {
        const page = await reader.page(filter, next, limit)
        shown.push(...page.arrived)
        ;({ next } = page)
        if (next === undefined) break
        for (const step of steps) {
          await reader.take(step)
          const { arrived } = await reader.page(filter, undefined, 1_000)
          stayed = new Set(arrived.filter((seq) => stayed.has(seq)))
        }
      }
      expect(next).toBeUndefined()
      // An entry is known by where it arrived: no other of its user ever has that number.
      expect(shown).toEqual([...new Set(shown)].toSorted((a, b) => b - a))
      expect(shown).toEqual(expect.arrayContaining([...stayed]))
      if (stayed.size < size) shifting++
    }),
    { numRuns: 100 },
  )
  // Else it would have shown nothing.
  expect(shifting).toBeGreaterThan(10)
}, 120_000)
