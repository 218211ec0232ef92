import { expect, test } from 'vitest'
import { changeFrame } from '../../src/inbox/stores/change-frame.js'
import { changes, gapBefore } from '../../src/inbox/changes.js'
import { entriesIn } from '../told-entries.js'
import { openInbox, told, type OpenedInbox } from './opened-inbox.js'

const toAlice = { to: { user: 'alice' }, type: 'test' }

async function pageAfter(inbox: OpenedInbox, after: number) {
  const { epoch } = await inbox.store.head('alice')
  const page = await changes(inbox, { user: 'alice', after, epoch, limit: 10 })
  return { ...page, entries: entriesIn(page) }
}

test('passes over what has expired, before the sweep has taken it, and tells of it after', async () => {
  await using inbox = await openInbox()
  await inbox.send({ ...toAlice, title: 'short', ttl: 10 })
  await inbox.send({ ...toAlice, title: 'long' })
  inbox.now += 9_999
  expect(told((await pageAfter(inbox, 0)).entries)).toEqual([
    [1, 'short'],
    [2, 'long'],
  ])
  inbox.now += 1
  const page = await pageAfter(inbox, 0)
  expect([told(page.entries), page.through]).toEqual([[[2, 'long']], 2])
  await inbox.store.expire({ at: inbox.now, limit: 10 })
  expect(told((await pageAfter(inbox, 2)).entries)).toEqual([[3, 'expired']])
})

test('ends behind an entry that has expired and stands last', async () => {
  await using inbox = await openInbox()
  await inbox.send({ ...toAlice, ttl: 10 })
  inbox.now += 10_000
  expect(await pageAfter(inbox, 0)).toMatchObject({ entries: [], through: 1, latest: 1 })
})

test('a gap reaches from a position below the horizon to it', () => {
  const payload = { from: 3, to: 7, reason: 'retention' }
  expect(gapBefore({ horizon: 7 }, 3)).toEqual({ type: 'gap', payload })
  expect([7, 8].map((position) => gapBefore({ horizon: 7 }, position))).toEqual([
    undefined,
    undefined,
  ])
})

test('the frame of a removal tells its key where it had one, and the counts where it is live', () => {
  const removal = { kind: 'removed' as const, seq: 3, id: 'x', reason: 'recalled' as const }
  const frame = (key: string | null, counts: Parameters<typeof changeFrame>[1]): unknown =>
    JSON.parse(changeFrame({ ...removal, collapseKey: key }, counts))
  expect(frame(null, 'replayed')).toEqual({
    type: 'removed',
    payload: { seq: 3, id: 'x', reason: 'recalled' },
  })
  expect(frame('a "key"', { unread: 2, unseen: 1 })).toEqual({
    type: 'removed',
    payload: { seq: 3, id: 'x', collapseKey: 'a "key"', reason: 'recalled', unread: 2, unseen: 1 },
  })
})
