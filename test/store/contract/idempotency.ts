import { describe, expect, test } from 'vitest'
import { IDEMPOTENCY_MS, type ServiceName } from '../../../src/inbox/store.js'
import {
  AT,
  AWKWARD,
  numbers,
  send,
  sendCommand,
  seqsOf,
  type OpenStore,
  type SendOptions,
  known,
} from './store-under-test.js'

export function describeIdempotency(open: OpenStore): void {
  describe('idempotency', () => {
    test('K1: the same key and fingerprint get the first receipt again, and nothing is stored', async () => {
      await using opened = await open()
      const { store } = opened
      const { receipt } = await send(store, 'alice', { key: 'k', title: 'first' })
      const second = sendCommand('alice', { key: 'k', title: 'again', at: AT + 5_000 })

      expect(await store.send(second)).toStrictEqual({ kind: 'replayed', receipt })
      expect(receipt.seq).toBe(1)
      expect(await seqsOf(store, 'alice')).toEqual([1])
      expect(await store.notification(known(second.id))).toBeUndefined()
      expect(await store.head('alice')).toMatchObject({ latest: 1, unread: 1, unseen: 1 })
    })

    test('K1: a receipt that told no seq tells none again', async () => {
      await using opened = await open()
      const { store } = opened
      const { receipt } = await send(store, ['alice', 'bob'], { key: 'k' })
      expect(receipt).not.toHaveProperty('seq')
      const again = await store.send(sendCommand(['alice', 'bob'], { key: 'k' }))
      expect(again).toStrictEqual({ kind: 'replayed', receipt })
    })

    test('K2: the same key with another fingerprint stores nothing, and the first answer stays', async () => {
      await using opened = await open()
      const { store } = opened
      const { receipt } = await send(store, 'alice', { key: 'k', fingerprint: 'one' })
      const other = sendCommand(['alice', 'bob'], { key: 'k', fingerprint: 'two' })

      expect(await store.send(other)).toStrictEqual({ kind: 'key_reused' })
      expect(await store.notification(known(other.id))).toBeUndefined()
      expect(await store.latest(['alice', 'bob'])).toEqual(new Map([['alice', 1]]))
      const again = await store.send(sendCommand('alice', { key: 'k', fingerprint: 'one' }))
      expect(again).toStrictEqual({ kind: 'replayed', receipt })
    })

    test('K3: keys belong to a service, by issuer and subject together', async () => {
      await using opened = await open()
      const { store } = opened
      const senders: ServiceName[] = [
        { issuer: '', subject: 'shop' },
        { issuer: 'https://issuer.example', subject: 'shop' },
        { issuer: 'https://issuer.example', subject: 'billing' },
        // Joined to one text these two, and the first, would be the same.
        { issuer: 'sh', subject: 'op' },
        { issuer: 'shop', subject: '' },
      ]
      for (const sender of senders) {
        for (const fingerprint of ['one', 'two']) {
          const outcome = await store.send(sendCommand('alice', { sender, key: 'k', fingerprint }))
          expect(outcome.kind).toBe(fingerprint === 'one' ? 'accepted' : 'key_reused')
        }
      }
      expect(await seqsOf(store, 'alice')).toEqual(numbers(1, senders.length))
    })

    test('K3: keys that differ at all are different keys', async () => {
      await using opened = await open()
      const { store } = opened
      const plain = ['k', 'K', 'k ', ' k', '1', '01', `'`, '"', '%', '_', 'x'.repeat(255)]
      const keys = [...plain, ...AWKWARD]
      for (const key of keys) await send(store, 'alice', { key })
      expect(await seqsOf(store, 'alice')).toEqual(numbers(1, keys.length))
    })

    test('K3: services and keys of any characters are told apart, and known again', async () => {
      await using opened = await open()
      const { store } = opened
      const senders = AWKWARD.flatMap((awkward) => [
        { issuer: awkward, subject: 'shop' },
        { issuer: '', subject: awkward },
      ])
      const guarded = senders.flatMap((sender) =>
        ['k', '\0', '\uFFFE'].map((key) => ({ sender, key })),
      )
      for (const expected of ['accepted', 'replayed'] as const) {
        for (const options of guarded) {
          const outcome = await store.send(sendCommand('alice', options))
          expect(outcome.kind).toBe(expected)
        }
      }
      const receipt = { ...(await send(store, 'bob')).receipt, status: 'sent' as const }
      const idempotency = { key: 'a\0', fingerprint: 'one' }
      const keep = { sender: { issuer: '', subject: '\0' }, idempotency, at: AT, receipt }
      expect(await store.keepReceipt(keep)).toEqual({ kind: 'kept' })
      expect(await store.keepReceipt(keep)).toEqual({ kind: 'replayed', receipt })
      const other = { ...idempotency, key: 'a\uFFFE0' }
      expect(await store.keepReceipt({ ...keep, idempotency: other })).toEqual({ kind: 'kept' })
    })

    test('K4: a key guards its answer for 24 hours, then it is as new', async () => {
      await using opened = await open()
      const { store } = opened
      const kindAfter = async (ms: number, options: SendOptions = {}) =>
        (await store.send(sendCommand('alice', { key: 'k', at: AT + ms, ...options }))).kind

      expect(await kindAfter(0)).toBe('accepted')
      expect(await kindAfter(IDEMPOTENCY_MS - 1)).toBe('replayed')
      expect(await kindAfter(IDEMPOTENCY_MS - 1, { fingerprint: 'another' })).toBe('key_reused')
      // A replay lengthened nothing; whoever comes now may say something else.
      expect(await kindAfter(IDEMPOTENCY_MS, { fingerprint: 'another' })).toBe('accepted')
      expect(await kindAfter(IDEMPOTENCY_MS)).toBe('key_reused')
      expect(await kindAfter(2 * IDEMPOTENCY_MS - 1, { fingerprint: 'another' })).toBe('replayed')
      expect(await kindAfter(2 * IDEMPOTENCY_MS)).toBe('accepted')
      expect(await seqsOf(store, 'alice')).toEqual([1, 2, 3])
    })

    test('K4: what expires takes no key with it that still guards', async () => {
      await using opened = await open()
      const { store } = opened
      for (const number of numbers(1, 20)) {
        await send(store, 'alice', { key: `k${number}`, at: AT + number })
      }
      const at = AT + IDEMPOTENCY_MS + 10
      await send(store, 'alice', { key: 'new', at })
      const kinds: string[] = []
      for (const number of numbers(1, 20)) {
        const outcome = await store.send(sendCommand('alice', { key: `k${number}`, at }))
        kinds.push(outcome.kind)
      }
      expect(kinds).toEqual(
        numbers(1, 20).map((number) => (number <= 10 ? 'accepted' : 'replayed')),
      )
    })

    test('K5: of fifty that come at once with one key, one is stored and all have its receipt', async () => {
      await using opened = await open()
      const { store } = opened
      const outcomes = await Promise.all(
        numbers(1, 50).map(() => store.send(sendCommand('alice', { key: 'k' }))),
      )
      const stored = outcomes.filter(({ kind }) => kind === 'accepted')
      const receipts = outcomes.map((outcome) => 'receipt' in outcome && outcome.receipt.id)
      expect(stored).toHaveLength(1)
      expect(outcomes.filter(({ kind }) => kind === 'replayed')).toHaveLength(49)
      expect(new Set(receipts).size).toBe(1)
      expect(await seqsOf(store, 'alice')).toEqual([1])
    })

    test('K5: of fifty that come at once with one key and two bodies, one body wins', async () => {
      await using opened = await open()
      const { store } = opened
      const outcomes = await Promise.all(
        numbers(1, 50).map((number) => {
          const fingerprint = number % 2 === 0 ? 'even' : 'odd'
          return store.send(sendCommand('alice', { key: 'k', fingerprint }))
        }),
      )
      const count = (kind: string) => outcomes.filter((outcome) => outcome.kind === kind).length
      expect([count('accepted'), count('replayed'), count('key_reused')]).toEqual([1, 24, 25])
      expect(await seqsOf(store, 'alice')).toEqual([1])
    })
  })
}
