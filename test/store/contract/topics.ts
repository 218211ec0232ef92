import { describe, expect, test } from 'vitest'
import { makeKnown, sendTo, subscribe, subscribersOf, unsubscribe } from './many.js'
import { AT, EVERYONE, numbers, type OpenStore } from './store-under-test.js'
import type { Store } from '../../../src/inbox/store.js'

/** Subscribes a user as it does by itself, with room for `limit` topics; tells what came of it. */
async function subscribeOwn(
  store: Store,
  user: string,
  topic: string,
  { limit = 2, epoch, at = AT }: { limit?: number; epoch?: string; at?: number } = {},
): Promise<string> {
  const own = { epoch: epoch ?? (await store.head(user)).epoch, limit }
  return (await store.subscribe({ user, topic, at, own })).kind
}

/** The topics of a user; those of its own are marked. */
async function topicsOf(store: Store, user: string): Promise<string[]> {
  const { items } = await store.topics({ user, after: '', limit: 1_000 })
  return items.map(({ topic, own }) => (own ? `${topic} (own)` : topic))
}

/** How many users are known. */
async function knownTo(store: Store): Promise<number> {
  return (await sendTo(store, EVERYONE)).recipients.total
}

export function describeTopics(open: OpenStore): void {
  describe('topics', () => {
    test('T1: a user is subscribed to what it was subscribed to, until that ends', async () => {
      await using opened = await open()
      const { store } = opened
      await subscribe(store, 'news', 'alice', 'bob')
      await subscribe(store, 'sport', 'alice')
      expect(await subscribersOf(store, 'news')).toEqual(['alice', 'bob'])
      expect(await topicsOf(store, 'alice')).toEqual(['news', 'sport'])
      await unsubscribe(store, 'news', 'alice')
      expect(await subscribersOf(store, 'news')).toEqual(['bob'])
      expect(await topicsOf(store, 'alice')).toEqual(['sport'])
      const again = await opened.reopen()
      expect(await subscribersOf(again, 'news')).toEqual(['bob'])
    })

    test('T2: a subscription that is there stays as it is, whoever asks again', async () => {
      await using opened = await open()
      const { store } = opened
      await subscribe(store, 'by-service', 'alice', 'bob')
      await subscribeOwn(store, 'alice', 'own')
      await subscribeOwn(store, 'alice', 'by-service', { at: AT + 1 })
      await store.subscribe({ user: 'alice', topic: 'own', at: AT + 1, own: undefined })
      expect((await store.topics({ user: 'alice', after: '', limit: 10 })).items).toEqual([
        { topic: 'by-service', own: false, at: AT },
        { topic: 'own', own: true, at: AT },
      ])
      expect(await subscribersOf(store, 'by-service')).toEqual(['alice', 'bob'])
    })

    test('T3: a user has at most so many topics of its own; what services subscribed it to takes no place', async () => {
      await using opened = await open()
      const { store } = opened
      await subscribe(store, 'by-service', 'alice')
      await subscribe(store, 'by-another', 'alice')
      expect(await subscribeOwn(store, 'alice', 'one')).toBe('subscribed')
      expect(await subscribeOwn(store, 'alice', 'two')).toBe('subscribed')
      expect(await subscribeOwn(store, 'alice', 'three')).toBe('too_many')
      expect(await topicsOf(store, 'alice')).not.toContain('three (own)')
      // What is there already needs no place; another user has places of its own.
      for (const topic of ['one', 'two', 'by-service']) {
        expect(await subscribeOwn(store, 'alice', topic)).toBe('subscribed')
      }
      expect(await subscribeOwn(store, 'bob', 'three')).toBe('subscribed')
      await unsubscribe(store, 'one', 'alice')
      expect(await subscribeOwn(store, 'alice', 'three')).toBe('subscribed')
      expect(await topicsOf(store, 'alice')).toEqual([
        'by-another',
        'by-service',
        'three (own)',
        'two (own)',
      ])
    })

    test('T3: of subscriptions that come at once no more are taken than there are places', async () => {
      await using opened = await open()
      const { store } = opened
      const outcomes = await Promise.all(
        numbers(1, 20).map((number) => subscribeOwn(store, 'alice', `t${number}`, { limit: 7 })),
      )
      expect(outcomes.filter((outcome) => outcome === 'subscribed')).toHaveLength(7)
      expect(await topicsOf(store, 'alice')).toHaveLength(7)
    })

    test('T4: what a user asks in another life of its log changes nothing and makes nobody', async () => {
      await using opened = await open()
      const { store } = opened
      await subscribe(store, 'news', 'alice')
      const before = await knownTo(store)
      expect(await subscribeOwn(store, 'alice', 'own', { epoch: 'other' })).toBe('other_epoch')
      expect(await subscribeOwn(store, 'nobody', 'own', { epoch: 'other' })).toBe('other_epoch')
      expect(await store.unsubscribe({ user: 'alice', topic: 'news', epoch: 'other' })).toEqual({
        kind: 'other_epoch',
      })
      expect(await topicsOf(store, 'alice')).toEqual(['news'])
      expect(await knownTo(store)).toBe(before)
      const { epoch } = await store.head('alice')
      expect(await store.unsubscribe({ user: 'alice', topic: 'news', epoch })).toEqual({
        kind: 'unsubscribed',
      })
      expect(await topicsOf(store, 'alice')).toEqual([])
    })

    test('T5: who is not known is made by a subscription, and by nothing else', async () => {
      await using opened = await open()
      const { store } = opened
      await unsubscribe(store, 'news', 'alice')
      await store.changeSubscribers({ topic: 'news', add: [], remove: ['bob'], at: AT })
      expect(await subscribeOwn(store, 'carol', 'news', { limit: 0 })).toBe('too_many')
      await store.topics({ user: 'dave', after: '', limit: 10 })
      expect(await knownTo(store)).toBe(0)
      await subscribe(store, 'news', 'alice')
      await store.changeSubscribers({ topic: 'news', add: ['bob', 'alice'], remove: [], at: AT })
      expect(await subscribeOwn(store, 'carol', 'news')).toBe('subscribed')
      expect(await knownTo(store)).toBe(3)
      expect(await store.latest(['alice', 'bob', 'carol'])).toEqual(
        new Map([
          ['alice', 0],
          ['bob', 0],
          ['carol', 0],
        ]),
      )
    })

    test('T6: a change of many tells how many subscriptions it made and ended', async () => {
      await using opened = await open()
      const { store } = opened
      await subscribe(store, 'news', 'here', 'going')
      await subscribe(store, 'sport', 'going', 'elsewhere')
      const changed = await store.changeSubscribers({
        topic: 'news',
        add: ['here', 'new', 'elsewhere'],
        remove: ['going', 'nobody'],
        at: AT + 1,
      })
      expect(changed).toEqual({ added: 2, removed: 1 })
      const { items } = await store.subscribers({ topic: 'news', after: 0, limit: 10 })
      expect(items).toEqual([
        { user: 'here', own: false, at: AT },
        { user: 'new', own: false, at: AT + 1 },
        { user: 'elsewhere', own: false, at: AT + 1 },
      ])
      expect(await subscribersOf(store, 'sport')).toEqual(['going', 'elsewhere'])
    })

    test('T7: pages give each subscriber once that stays, while others come and go', async () => {
      await using opened = await open()
      const { store } = opened
      const stay = numbers(1, 30).map((number) => `stay-${number}`)
      await subscribe(store, 'news', ...stay.flatMap((user) => [user, `go-${user}`]))
      const seen: string[] = []
      let after: number | undefined = 0
      while (after !== undefined) {
        const page = await store.subscribers({ topic: 'news', after, limit: 7 })
        expect(page.items.length).toBeLessThanOrEqual(7)
        seen.push(...page.items.map(({ user }) => user))
        await unsubscribe(store, 'news', ...stay.slice(0, seen.length).map((user) => `go-${user}`))
        if (seen.length < 20) await subscribe(store, 'news', `late-${seen.length}`)
        after = page.next
      }
      expect(new Set(seen).size).toBe(seen.length)
      expect(seen.filter((user) => user.startsWith('stay'))).toEqual(stay)
      expect(seen.filter((user) => user.startsWith('late')).length).toBeGreaterThan(0)
    })

    test("T8: pages give a user's topics once each, by the code points of their names; the last has no `next`", async () => {
      await using opened = await open()
      const { store } = opened
      const topics = ['b', 'a', 'B', 'a.b', 'a/b', '9', 'aa', 'a:']
      for (const topic of topics) await subscribe(store, topic, 'alice', 'bob')
      const pages: string[][] = []
      let after: string | undefined = ''
      while (after !== undefined) {
        const page = await store.topics({ user: 'alice', after, limit: 4 })
        pages.push(page.items.map(({ topic }) => topic))
        after = page.next
      }
      expect(pages).toEqual([
        ['9', 'B', 'a', 'a.b'],
        ['a/b', 'a:', 'aa', 'b'],
      ])
    })

    test('T9: topics whose names differ at all are different topics', async () => {
      await using opened = await open()
      const { store } = opened
      const topics = ['a', 'A', '1', '01', '1.0', 'a.', '.a', 'a/', '/a', '_', '-', 'a_b', 'a-b']
      for (const topic of topics) await subscribe(store, topic, `of ${topic}`)
      for (const topic of topics) {
        expect(await subscribersOf(store, topic)).toEqual([`of ${topic}`])
      }
    })

    test('T1: is known by nobody else: a device alone is no subscription', async () => {
      await using opened = await open()
      const { store } = opened
      await makeKnown(store, 'alice')
      expect(await topicsOf(store, 'alice')).toEqual([])
      expect(await subscribersOf(store, 'news')).toEqual([])
    })
  })
}
