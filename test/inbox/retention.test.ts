import { expect, test } from 'vitest'
import { retain } from '../../src/inbox/retention.js'
import { nobodyLive } from '../nobody-live.js'
import { AT, openInbox, told, type OpenedInbox } from './opened-inbox.js'

const never = (): boolean => false

async function sendMany(inbox: OpenedInbox, user: string, count: number): Promise<string[]> {
  const ids: string[] = []
  for (let number = 1; number <= count; number++) {
    const { receipt } = await inbox.send({ to: { user }, type: 'test', title: String(number) })
    ids.push(receipt.id)
  }
  return ids
}

const pass = (
  { store, wake, now }: OpenedInbox,
  before: number,
  isStopped = never,
): Promise<void> =>
  retain({ store, wake, live: nobodyLive, now, before, isStopped, rest: () => Promise.resolve() })

const countsWoken = ({ moves }: OpenedInbox): unknown[] =>
  moves.flatMap(({ user, seq, change }) => (change?.kind === 'counts' ? [[user, seq]] : []))

test('removes what last changed before a time, in the order of the log, and wakes its user', async () => {
  await using inbox = await openInbox()
  const [marked = ''] = await sendMany(inbox, 'alice', 3)
  await sendMany(inbox, 'bob', 1)
  inbox.now += 1_000
  await inbox.store.mark({
    user: 'alice',
    action: 'read',
    at: inbox.now,
    limit: 10,
    entries: { kind: 'ids', ids: [marked] },
  })
  await sendMany(inbox, 'carol', 1)
  await pass(inbox, AT + 1)
  // What was read of late is not old, whenever it came.
  expect(told(await inbox.log('alice'))).toEqual([[4, '1']])
  expect(await inbox.store.head('alice')).toMatchObject({ horizon: 3, latest: 4, unread: 0 })
  expect(await inbox.log('bob')).toEqual([])
  expect(told(await inbox.log('carol'))).toEqual([[1, '1']])
  expect(countsWoken(inbox)).toEqual([
    ['alice', 4],
    ['bob', 1],
  ])
  await pass(inbox, AT + 1)
  expect(countsWoken(inbox)).toHaveLength(2)
})

test('goes through more than one step has room for, and wakes with each', async () => {
  await using inbox = await openInbox()
  await Promise.all(
    Array.from({ length: 250 }, () => inbox.send({ to: { user: 'alice' }, type: 'test' })),
  )
  await pass(inbox, AT + 1)
  expect(await inbox.store.head('alice')).toMatchObject({ horizon: 250, unread: 0, unseen: 0 })
  expect(countsWoken(inbox)).toHaveLength(3)
})

test('forgets what nobody has any more, in small steps, and nothing that someone has', async () => {
  await using inbox = await openInbox()
  const users = Array.from({ length: 350 }, (_, number) => `user-${number}`)
  const { receipt: forgotten } = await inbox.send({ to: { users }, type: 'test' })
  inbox.now += 1_000
  const { receipt: kept } = await inbox.send({ to: { user: 'alice' }, type: 'test' })
  const known = async ({ id }: { id: string }): Promise<boolean> =>
    (await inbox.store.notification({ id, at: inbox.now, keptAfter: -1 })) !== undefined
  await pass(inbox, AT + 1)
  expect([await known(forgotten), await known(kept)]).toEqual([false, true])
})

test('takes no further step when the service stops', async () => {
  await using inbox = await openInbox()
  await sendMany(inbox, 'alice', 2)
  await sendMany(inbox, 'bob', 2)
  await pass(inbox, AT + 1, () => countsWoken(inbox).length === 1)
  expect(countsWoken(inbox)).toEqual([['alice', 2]])
  expect(await inbox.log('bob')).toHaveLength(2)
  await pass(inbox, AT + 1, () => true)
  expect(await inbox.log('bob')).toHaveLength(2)
})
