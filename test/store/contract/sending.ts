import { v7 as uuidv7 } from 'uuid'
import { describe, expect, test } from 'vitest'
import { MAX_USERS_PER_SEND } from '../../../src/protocol/send.js'
import {
  ALL,
  AT,
  contentJsonOf,
  contentOf,
  numbers,
  send,
  sendCommand,
  sendMany,
  seqsOf,
  type OpenStore,
  known,
  readChanges,
} from './store-under-test.js'

/** What text goes through drivers, threads and columns badly, each for its own reason. */
const AWKWARD = [
  'NUL \u0000 within',
  '👩‍👩‍👧‍👦 𝒳 \u{10FFFF}',
  `' '' " "" \\ \\' ; -- % _ $1 ?`,
  'lone \ud800 and \udc00 surrogates',
  'separators \u2028 \u2029 and marks \u202e \ufeff',
  'line\r\nbreak\ttab',
]

export function describeSending(open: OpenStore): void {
  describe('sending', () => {
    test('S1: the log of each user counts from 1, without holes', async () => {
      await using opened = await open()
      const { store } = opened
      const seqs: (number | undefined)[] = []
      for (const user of ['alice', 'bob', 'alice', 'alice', 'bob']) {
        const { receipt } = await send(store, user)
        seqs.push(receipt.seq)
      }
      expect(seqs).toEqual([1, 1, 2, 3, 2])
      expect(await seqsOf(store, 'alice')).toEqual([1, 2, 3])
      expect(await seqsOf(store, 'bob')).toEqual([1, 2])
    })

    test('S2: 300 sends at once to one user get 300 consecutive seqs, each its own', async () => {
      await using opened = await open()
      const { store } = opened
      const sent = await Promise.all(numbers(1, 300).map(() => send(store, 'alice')))

      const bySeq = sent.toSorted((a, b) => (a.receipt.seq ?? 0) - (b.receipt.seq ?? 0))
      expect(bySeq.map(({ receipt }) => receipt.seq)).toEqual(numbers(1, 300))
      // Each was told the counts of its own moment, not of the end.
      expect(bySeq.map(({ arrivals }) => arrivals[0]?.unread)).toEqual(numbers(1, 300))
      const { entries } = await readChanges(store, { user: 'alice', after: 0, ...ALL })
      expect(entries.map((entry) => contentOf(entry).id)).toEqual(
        bySeq.map(({ receipt }) => receipt.id),
      )
    })

    test('S3: a send to a thousand users gives each its own next seq and all the same content', async () => {
      await using opened = await open()
      const { store } = opened
      const users = numbers(1, MAX_USERS_PER_SEND).map((number) => `user-${number}`)
      await sendMany(store, 'user-7', 2)
      await sendMany(store, 'user-900', 1)

      const { receipt, arrivals } = await send(store, users, { title: 'to all' })

      expect(receipt.recipients).toEqual({ total: 1_000, stored: 1_000 })
      const expected = new Map(users.map((user) => [user, 1]))
      expected.set('user-7', 3).set('user-900', 2)
      expect(new Map(arrivals.map(({ user, seq }) => [user, seq]))).toEqual(expected)
      expect(arrivals).toHaveLength(1_000)
      expect(await store.latest(users)).toEqual(expected)
      for (const user of ['user-1', 'user-7', 'user-1000']) {
        const { entries } = await readChanges(store, { user, after: 0, ...ALL })
        expect(entries.at(-1)).toMatchObject({ seq: expected.get(user) })
        expect(entries.map((entry) => contentOf(entry).id).at(-1)).toBe(receipt.id)
      }
      expect((await store.notification(known(receipt.id)))?.recipients).toEqual(receipt.recipients)
    })

    test('S4: an arrival tells the counts as of then, and the head the same', async () => {
      await using opened = await open()
      const { store } = opened
      await sendMany(store, 'alice', 2)
      const { arrivals } = await send(store, ['bob', 'alice'])
      expect(arrivals).toEqual([
        { user: 'bob', seq: 1, unread: 1, unseen: 1 },
        { user: 'alice', seq: 3, unread: 3, unseen: 3 },
      ])
      expect(await store.head('alice')).toMatchObject({ latest: 3, unread: 3, unseen: 3 })
      expect(await store.head('bob')).toMatchObject({ latest: 1, unread: 1, unseen: 1 })
    })

    test('S5: the receipt tells the seq only where it is asked to', async () => {
      await using opened = await open()
      const { store } = opened
      const [id, other] = [uuidv7(), uuidv7()]
      expect(await store.send(sendCommand('alice', { id, single: true }))).toMatchObject({
        receipt: { seq: 1 },
      })
      const { receipt } = await send(store, ['alice'], { id: other, single: false })
      expect(receipt).toStrictEqual({
        id: other,
        status: 'stored',
        recipients: { total: 1, stored: 1 },
        createdAt: new Date(AT).toISOString(),
        expiresAt: null,
      })
    })

    test('S6: content comes back as the text that was given', async () => {
      await using opened = await open()
      const { store } = opened
      // From text, since `__proto__` in a literal would be no field.
      const fields: unknown = JSON.parse('{"__proto__":{"polluted":true},"constructor":null,"":0}')
      const data = { awkward: AWKWARD, fields, number: 1e300, deep: [[[[null, false]]]] }
      const command = sendCommand('alice', { title: AWKWARD.join(''), data })
      await store.send(command)

      const { entries } = await readChanges(store, { user: 'alice', after: 0, ...ALL })
      expect(contentJsonOf(entries[0])).toBe(command.contentJson)
      const page = await store.list({ user: 'alice', before: undefined, limit: 1 })
      expect(page.entries[0]?.contentJson).toBe(command.contentJson)
      const overview = await store.notification(known(command.id))
      expect(overview?.title).toBe(AWKWARD.join(''))
      expect(JSON.stringify(overview?.data)).toBe(JSON.stringify(data))
    })

    test('S7: users whose names differ at all are different users', async () => {
      await using opened = await open()
      const { store } = opened
      // Case, white space, number-likeness, composed and decomposed, and what SQL and JSON quote.
      const users = ['a', 'A', 'a ', ' a', '1', '01', '1.0', '1e0', 'null', 'é', 'e\u0301', 'ß']
      users.push('ss', `o'hara`, `o''hara`, '"a"', 'a\\', '%', '_', '👩‍👩‍👧', '👩', 'x'.repeat(255))
      const { arrivals } = await send(store, users)
      expect(arrivals.map(({ user, seq }) => [user, seq])).toEqual(users.map((user) => [user, 1]))
      expect(await store.latest(users)).toEqual(new Map(users.map((user) => [user, 1])))
      for (const user of users) {
        expect(await store.head(user)).toMatchObject({ latest: 1, unread: 1 })
      }
    })

    test('S8: a send that fails takes nothing with it', async () => {
      await using opened = await open()
      const { store } = opened
      const { receipt } = await send(store, 'alice')
      // An id that is taken is what any store has to refuse.
      const taken = sendCommand(['alice', 'bob', 'new'], { id: receipt.id, key: 'a key' })
      const outcomes = await Promise.allSettled([
        ...numbers(1, 10).map(() => store.send(sendCommand(['bob', 'alice']))),
        store.send(taken),
        ...numbers(1, 10).map(() => store.send(sendCommand(['alice', 'bob']))),
      ])

      expect(
        outcomes.flatMap(({ status }, index) => (status === 'rejected' ? [index] : [])),
      ).toEqual([10])
      expect(await seqsOf(store, 'alice')).toEqual(numbers(1, 21))
      expect(await seqsOf(store, 'bob')).toEqual(numbers(1, 20))
      expect(await store.head('bob')).toMatchObject({ latest: 20, unread: 20, unseen: 20 })
      expect(await store.latest(['new'])).toEqual(new Map())
      // The key guards nothing, since nothing was answered.
      const again = await store.send(sendCommand('alice', { key: 'a key', fingerprint: 'another' }))
      expect(again.kind).toBe('accepted')
    })

    test('S9: sends that name the same users in different orders at once are all stored', async () => {
      await using opened = await open()
      const { store } = opened
      const users = numbers(1, 20).map((number) => `user-${number}`)
      const orders = numbers(0, 19).map((turn) => [...users.slice(turn), ...users.slice(0, turn)])
      await Promise.all([...orders, ...orders].map((order) => send(store, order)))
      for (const user of users) expect(await seqsOf(store, user)).toEqual(numbers(1, 40))
    })
  })
}
