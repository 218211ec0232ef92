import { describe, expect, test } from 'vitest'
import type { Store } from '../../../src/inbox/store.js'
import type { Revocation } from '../../../src/inbox/stores/revocations.js'
import { eraseWhole, sendTo } from './people-fixture.js'
import { AT, type OpenStore } from './store-under-test.js'

const token = (name: string, time = AT): Revocation => ({ kind: 'token', name, time })
const user = (name: string, time = AT): Revocation => ({ kind: 'user', name, time })

/** All of them, read in pages of at most `limit`. */
async function allOf(store: Store, limit = 100): Promise<Revocation[]> {
  const all: Revocation[] = []
  let after: number | undefined
  do {
    const page = await store.revocations({ after, limit })
    expect(page.items.length).toBeLessThanOrEqual(limit)
    all.push(...page.items)
    after = page.next
  } while (after !== undefined)
  return all
}

export function describeRevocations(open: OpenStore): void {
  describe('revocations', () => {
    test('Z1: come back in their order, page by page, and from a store that is opened again', async () => {
      await using opened = await open()
      const some = ['a', 'b', 'c', 'd', 'e'].map((name) => token(name))
      for (const revocation of some) await opened.store.revoke(revocation)
      for (const limit of [1, 2, 5, 100]) expect(await allOf(opened.store, limit)).toEqual(some)
      expect(await allOf(await opened.reopen(), 2)).toEqual(some)
    })

    test('Z2: the later time stands, after all others', async () => {
      await using opened = await open()
      const { store } = opened
      await Promise.all(
        [token('a', 5), user('a', 6), token('b', 7)].map((one) => store.revoke(one)),
      )
      await store.revoke(token('a', 9))
      await store.revoke(user('a', 2))
      expect(await allOf(store)).toEqual([token('b', 7), token('a', 9), user('a', 6)])
    })

    test('Z3: tokens whose time is over are forgotten in steps, users never', async () => {
      await using opened = await open()
      const { store } = opened
      for (const name of ['a', 'b', 'c']) await store.revoke(token(name, AT - 1))
      await store.revoke(user('old', 0))
      await store.revoke(token('alive', AT))
      expect(await store.forgetRevocations({ before: AT, limit: 2 })).toEqual({ more: true })
      expect(await allOf(store)).toHaveLength(3)
      expect(await store.forgetRevocations({ before: AT, limit: 2 })).toEqual({ more: false })
      expect(await allOf(store)).toEqual([user('old', 0), token('alive')])
    })

    test('Z4: the erasure of a user leaves them', async () => {
      await using opened = await open()
      await sendTo(opened.store, 'alice', 'hello')
      await opened.store.revoke(user('alice'))
      await eraseWhole(opened.store, 'alice')
      expect(await allOf(opened.store)).toEqual([user('alice')])
    })
  })
}
