import { describe, expect, test } from 'vitest'
import {
  arrivalsOf,
  finish,
  inboxOf,
  makeKnown,
  outcomesOf,
  progressOf,
  reachedBy,
  sendTo,
  step,
  subscribe,
  toUser,
  unsubscribe,
} from './many.js'
import { AT, EVERYONE, numbers, seqsOf, SHOP, type OpenStore } from './store-under-test.js'

const FIVE = ['a', 'b', 'c', 'd', 'e']

export function describeFanOuts(open: OpenStore): void {
  describe('fan-outs', () => {
    test('N1: a send to a topic reaches each subscriber once, chunk by chunk', async () => {
      await using opened = await open()
      const { store } = opened
      await subscribe(store, 'news', ...FIVE)
      await subscribe(store, 'sport', 'z')
      await makeKnown(store, 'y')
      const receipt = await sendTo(store, 'news', { title: 'once' })
      expect(receipt).toMatchObject({ status: 'fanning_out', recipients: { total: 5, stored: 0 } })
      expect(receipt).not.toHaveProperty('seq')
      const chunks = [await step(store, 2), await step(store, 2), await step(store, 2)]
      expect(chunks.map(reachedBy)).toEqual([['a', 'b'], ['c', 'd'], ['e']])
      expect(chunks.map(({ kind }) => kind)).toEqual(['delivered', 'delivered', 'delivered'])
      expect(await store.stepFanOut({ at: AT, limit: 2 })).toBeUndefined()
      for (const user of FIVE) expect(await inboxOf(store, user)).toEqual(['once'])
      for (const user of ['y', 'z']) expect(await inboxOf(store, user)).toEqual([])
    })

    test('N1: a send to everyone reaches each who is known once', async () => {
      await using opened = await open()
      const { store } = opened
      await makeKnown(store, 'a', 'b')
      await subscribe(store, 'news', 'c')
      await sendTo(store, toUser('d'), { title: 'before' })
      const { id, recipients } = await sendTo(store, EVERYONE, { title: 'all' })
      expect(recipients).toEqual({ total: 4, stored: 0 })
      expect(await finish(store, 3)).toEqual([['a', 'b', 'c'], ['d']])
      expect(await progressOf(store, id)).toBe('stored 4/4')
      expect(await inboxOf(store, 'd')).toEqual(['all', 'before'])
    })

    test('N2: it means those who are subscribed when it is accepted, and still so when reached', async () => {
      await using opened = await open()
      const { store } = opened
      await subscribe(store, 'news', 'first', 'stays', 'leaves', 'returns', 'last')
      const { id } = await sendTo(store, 'news')
      expect(reachedBy(await step(store, 1))).toEqual(['first'])
      await subscribe(store, 'news', 'later')
      await unsubscribe(store, 'news', 'leaves', 'returns', 'first')
      await subscribe(store, 'news', 'returns')
      expect(await finish(store, 1)).toEqual([['stays'], ['last'], []])
      expect(await progressOf(store, id)).toBe('stored 3/5')
      expect(await outcomesOf(store, id)).toEqual([
        'first pending',
        'last pending',
        'stays pending',
      ])
    })

    test('N2: where the last who was meant has left, those who came later are not reached in its place', async () => {
      await using opened = await open()
      const { store } = opened
      await subscribe(store, 'news', 'a', 'b')
      await sendTo(store, 'news')
      await unsubscribe(store, 'news', 'b')
      await subscribe(store, 'news', 'c', 'b')
      expect((await finish(store, 10)).flat()).toEqual(['a'])
    })

    test('N2: one that is made after a send to everyone is not reached', async () => {
      await using opened = await open()
      const { store } = opened
      await makeKnown(store, 'a', 'b')
      const { id } = await sendTo(store, EVERYONE)
      expect(reachedBy(await step(store, 1))).toEqual(['a'])
      await makeKnown(store, 'c')
      await sendTo(store, toUser('d'))
      expect((await finish(store, 1)).flat()).toEqual(['b'])
      expect(await progressOf(store, id)).toBe('stored 2/2')
    })

    test('N2: nor is one that is made by a send which comes at once after it', async () => {
      await using opened = await open()
      const { store } = opened
      await makeKnown(store, 'a', 'b')
      const [wide] = await Promise.all([sendTo(store, EVERYONE), sendTo(store, toUser('c'))])
      expect((await finish(store, 10)).flat()).toEqual(['a', 'b'])
      expect(await progressOf(store, wide.id)).toBe('stored 2/2')
    })

    test('N2: of a scheduled one, those who are subscribed when it fires', async () => {
      await using opened = await open()
      const { store } = opened
      await subscribe(store, 'news', 'leaves', 'stays')
      const { id, status } = await sendTo(store, 'news', { dueAt: AT + 1_000 })
      expect(status).toBe('scheduled')
      await unsubscribe(store, 'news', 'leaves')
      await subscribe(store, 'news', 'comes')
      expect(await store.stepFanOut({ at: AT, limit: 10 })).toBeUndefined()
      await store.fire({ at: AT + 1_000, limit: 10 })
      await subscribe(store, 'news', 'too late')
      expect((await finish(store, 10, AT + 1_000)).flat()).toEqual(['stays', 'comes'])
      expect(await progressOf(store, id, AT + 1_000)).toBe('stored 2/2')
    })

    test('N3: it shows how far it is, and that it is done', async () => {
      await using opened = await open()
      const { store } = opened
      await subscribe(store, 'news', ...FIVE)
      const { id } = await sendTo(store, 'news')
      const progress = [await progressOf(store, id)]
      while (await store.stepFanOut({ at: AT, limit: 2 })) {
        progress.push(await progressOf(store, id))
      }
      expect(progress).toEqual([
        'fanning_out 0/5',
        'fanning_out 2/5',
        'fanning_out 4/5',
        'stored 5/5',
      ])
      // A topic without subscribers is done with the first look.
      const empty = await sendTo(store, 'empty')
      expect(await finish(store, 2)).toEqual([[]])
      expect(await progressOf(store, empty.id)).toBe('stored 0/0')
    })

    test('N4: it goes on where it stopped when the store is opened again', async () => {
      await using opened = await open()
      await subscribe(opened.store, 'news', ...FIVE)
      const { id } = await sendTo(opened.store, 'news')
      expect(reachedBy(await step(opened.store, 2))).toEqual(['a', 'b'])
      const store = await opened.reopen()
      expect((await store.due(AT)).fanOuts).toBe(true)
      expect(await progressOf(store, id)).toBe('fanning_out 2/5')
      expect(await finish(store, 2)).toEqual([['c', 'd'], ['e']])
      expect((await store.due(AT)).fanOuts).toBe(false)
      for (const user of FIVE) expect(await seqsOf(store, user)).toEqual([1])
    })

    test('N4: steps that come at once do each chunk once', async () => {
      await using opened = await open()
      const { store } = opened
      const users = numbers(1, 40).map((number) => `user-${number}`)
      await subscribe(store, 'news', ...users)
      await sendTo(store, 'news')
      const steps = await Promise.all(
        numbers(1, 30).map(() => store.stepFanOut({ at: AT, limit: 3 })),
      )
      expect(steps.flatMap((done) => (done ? reachedBy(done) : []))).toEqual(users)
      for (const user of users) expect(await seqsOf(store, user)).toEqual([1])
    })

    test('N5: fan-outs take turns, so that a small one need not wait for a large one', async () => {
      await using opened = await open()
      const { store } = opened
      await subscribe(store, 'large', ...FIVE)
      await subscribe(store, 'small', 'x', 'y')
      await sendTo(store, 'large')
      await step(store, 1)
      await sendTo(store, 'small')
      await sendTo(store, 'large')
      expect(await finish(store, 1)).toEqual([
        ['b'],
        ['x'],
        ['a'],
        ['c'],
        ['y'],
        ['b'],
        ['d'],
        [],
        ['c'],
        ['e'],
        ['d'],
        [],
        ['e'],
        [],
      ])
    })

    test('N6: what is sent between chunks takes the next seq, in the order of each log', async () => {
      await using opened = await open()
      const { store } = opened
      await subscribe(store, 'news', ...FIVE)
      const arrived: (readonly { user: string; seq: number }[])[] = []
      await sendTo(store, 'news', { title: 'to all' })
      arrived.push(arrivalsOf(await step(store, 2)).map(({ user, seq }) => ({ user, seq })))
      for (const user of ['a', 'e', 'e']) await sendTo(store, toUser(user), { title: 'alone' })
      arrived.push(arrivalsOf(await step(store, 3)).map(({ user, seq }) => ({ user, seq })))
      expect(arrived.flat()).toEqual([
        { user: 'a', seq: 1 },
        { user: 'b', seq: 1 },
        { user: 'c', seq: 1 },
        { user: 'd', seq: 1 },
        { user: 'e', seq: 3 },
      ])
      expect(await inboxOf(store, 'a')).toEqual(['alone', 'to all'])
      expect(await inboxOf(store, 'e')).toEqual(['to all', 'alone', 'alone'])
      expect(await store.head('e')).toMatchObject({ latest: 3, unread: 3, unseen: 3 })
    })

    test('N7: where a newer one of its collapse key stands it stores nothing, and is `replaced` there', async () => {
      await using opened = await open()
      const { store } = opened
      const collapseKey = 'score'
      await subscribe(store, 'news', 'early', 'late', 'other')
      await sendTo(store, toUser('late'), { title: 'before', collapseKey })
      const { id } = await sendTo(store, 'news', { title: 'fanned out', collapseKey })
      expect(reachedBy(await step(store, 1))).toEqual(['early'])
      for (const user of ['early', 'late']) {
        await sendTo(store, toUser(user), { title: 'newer', collapseKey })
      }
      const { latest } = await store.head('late')
      expect((await finish(store, 10)).flat()).toEqual(['other'])

      expect(await inboxOf(store, 'early')).toEqual(['newer'])
      expect(await inboxOf(store, 'late')).toEqual(['newer'])
      expect(await inboxOf(store, 'other')).toEqual(['fanned out'])
      expect(await store.head('late')).toMatchObject({ latest, unread: 1, unseen: 1 })
      expect(await outcomesOf(store, id)).toEqual([
        'early replaced',
        'late replaced',
        'other pending',
      ])
      // It was stored with `early` before it was replaced there.
      expect(await progressOf(store, id)).toBe('stored 2/3')
    })

    test('N7: of two fan-outs with one key the one that was accepted later stays, whichever comes first', async () => {
      await using opened = await open()
      const { store } = opened
      await subscribe(store, 'old', ...FIVE)
      await subscribe(store, 'new', ...FIVE.toReversed())
      const older = await sendTo(store, 'old', { title: 'older', collapseKey: 'k' })
      const newer = await sendTo(store, 'new', { title: 'newer', collapseKey: 'k' })
      await finish(store, 2)
      for (const user of FIVE) expect(await inboxOf(store, user)).toEqual(['newer'])
      expect(await outcomesOf(store, older.id)).toEqual(FIVE.map((user) => `${user} replaced`))
      expect(await outcomesOf(store, newer.id)).toEqual(FIVE.map((user) => `${user} pending`))
    })

    test('N7: the tombstone of a newer one keeps its place, too', async () => {
      await using opened = await open()
      const { store } = opened
      await subscribe(store, 'news', 'a')
      const older = await sendTo(store, 'news', { title: 'older', collapseKey: 'k' })
      const { id } = await sendTo(store, toUser('a'), { title: 'newer', collapseKey: 'k' })
      await store.recall({ id, sender: SHOP, at: AT, limit: 10 })
      await finish(store, 10)
      expect(await inboxOf(store, 'a')).toEqual([])
      expect(await outcomesOf(store, older.id)).toEqual(['a replaced'])
    })

    test('N7: so does a newer one that retention has removed since', async () => {
      await using opened = await open()
      const { store } = opened
      await subscribe(store, 'news', 'a', 'b')
      const older = await sendTo(store, 'news', { title: 'older', collapseKey: 'k' })
      await sendTo(store, toUser('a'), { title: 'newer', collapseKey: 'k' })
      await store.trim({ user: 'a', agedBefore: AT + 1, limit: 10 })
      await finish(store, 10)
      expect(await inboxOf(store, 'a')).toEqual([])
      expect(await inboxOf(store, 'b')).toEqual(['older'])
      expect(await outcomesOf(store, older.id)).toEqual(['a replaced', 'b pending'])
    })

    test('N8: recalled half-way it reaches nobody any more, and is taken from those whom it had reached', async () => {
      await using opened = await open()
      const { store } = opened
      await subscribe(store, 'news', ...FIVE)
      const { id } = await sendTo(store, 'news')
      await step(store, 2)
      const outcome = await store.recall({ id, sender: SHOP, at: AT, limit: 10 })
      expect(outcome).toMatchObject({
        kind: 'recalled',
        pending: false,
        receipt: { status: 'recalled', recipients: { total: 5, stored: 2 } },
      })
      expect(await store.stepFanOut({ at: AT, limit: 2 })).toBeUndefined()
      expect(await progressOf(store, id)).toBe('recalled 2/5')
      expect(await outcomesOf(store, id)).toEqual(['a recalled', 'b recalled'])
      for (const user of FIVE) expect(await inboxOf(store, user)).toEqual([])
    })

    test('N8: of many it is taken in chunks, in place of the delivery that was under way', async () => {
      await using opened = await open()
      const { store } = opened
      await subscribe(store, 'news', ...FIVE)
      const { id } = await sendTo(store, 'news')
      await step(store, 4)
      const recall = { id, sender: SHOP, at: AT, limit: 3 }
      expect(await store.recall(recall)).toMatchObject({ pending: true })
      expect(await store.recall(recall)).toMatchObject({ pending: true })
      const first = await step(store, 3)
      expect([first.kind, reachedBy(first)]).toEqual(['recalled', ['a', 'b', 'c']])
      const again = await opened.reopen()
      const second = await step(again, 3)
      expect([second.kind, reachedBy(second)]).toEqual(['recalled', ['d']])
      expect(await again.stepFanOut({ at: AT, limit: 3 })).toBeUndefined()
      expect(await again.recall(recall)).toMatchObject({ kind: 'recalled', pending: false })
      expect(await outcomesOf(again, id)).toEqual(
        ['a', 'b', 'c', 'd'].map((user) => `${user} recalled`),
      )
      expect(await inboxOf(again, 'e')).toEqual([])
    })

    test('N9: what expires half-way reaches nobody any more', async () => {
      await using opened = await open()
      const { store } = opened
      await subscribe(store, 'news', ...FIVE)
      const { id } = await sendTo(store, 'news', { livesMs: 1_000 })
      expect(reachedBy(await step(store, 2, AT + 999))).toEqual(['a', 'b'])
      expect(await finish(store, 2, AT + 1_000)).toEqual([[]])
      expect(await progressOf(store, id, AT + 1_000)).toBe('expired 2/5')
      expect((await store.due(AT + 999)).fanOuts).toBe(false)
      for (const user of ['c', 'd', 'e']) expect(await seqsOf(store, user)).toEqual([])
    })
  })
}
