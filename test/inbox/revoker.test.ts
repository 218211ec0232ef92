import { expect, test } from 'vitest'
import { Revocations } from '../../src/auth/revocations.js'
import { Revoker } from '../../src/inbox/revoker.js'
import { nobodyLive } from '../nobody-live.js'
import { openInbox } from './opened-inbox.js'

const of = (name: string) => ({ token: name, user: undefined, issuedAt: undefined })

test('knows after a start what was revoked before, however much, and forgets it in steps when its time is over', async () => {
  await using inbox = await openInbox()
  const { store } = inbox
  const names = Array.from({ length: 1_100 }, (_, index) => String(index))
  await Promise.all(
    names.map((name, index) => store.revoke({ kind: 'token', name, time: index < 150 ? 1 : 9 })),
  )
  const revoked = new Revocations()
  const revoker = new Revoker({ store, revoked, live: nobodyLive })
  await revoker.load()
  expect(names.filter((name) => revoked.has(of(name)))).toEqual(names)
  await revoker.forget(5, () => false)
  expect(names.filter((name) => revoked.has(of(name)))).toEqual(names.slice(150))
  const { items } = await store.revocations({ after: undefined, limit: 2_000 })
  expect(items.map(({ name }) => name).toSorted()).toEqual(names.slice(150).toSorted())
})

test('is on disk and in memory before the connections end', async () => {
  await using inbox = await openInbox()
  const { store } = inbox
  const revoked = new Revocations()
  const seen: unknown[] = []
  const endRevoked = async (user: string | undefined): Promise<void> => {
    const { items } = await store.revocations({ after: undefined, limit: 10 })
    seen.push([revoked.has(of('one')), items.length, user])
  }
  const revoker = new Revoker({ store, revoked, live: { ...nobodyLive, endRevoked } })
  await revoker.revoke({ kind: 'token', name: 'one', time: 9 }, 'alice')
  expect(seen).toEqual([[true, 1, 'alice']])
})
