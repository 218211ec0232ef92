import { expect, test } from 'vitest'
import { AT, openInbox, told } from './opened-inbox.js'

const users = (count: number): string[] =>
  Array.from({ length: count }, (_, number) => `user-${number}`)

test('takes a notification out of each inbox that has it, and wakes whose it was', async () => {
  await using inbox = await openInbox()
  await inbox.send({ to: { user: 'bob' }, type: 'test', title: 'before' })
  const { receipt } = await inbox.send({
    to: { users: ['alice', 'bob'] },
    type: 'test',
    collapseKey: 'k',
  })
  const { id } = receipt
  const recalled = await inbox.recall(id)
  expect(recalled).toEqual({
    receipt: { id, status: 'recalled', recipients: { total: 2, stored: 2 } },
    pending: false,
  })
  const removal = { kind: 'removed', id, collapseKey: 'k', reason: 'recalled' }
  expect(inbox.moves.slice(3)).toEqual([
    { user: 'bob', seq: 3, change: { ...removal, unread: 1, unseen: 1 } },
    { user: 'alice', seq: 2, change: { ...removal, unread: 0, unseen: 0 } },
  ])
  expect(told(await inbox.log('bob'))).toEqual([
    [1, 'before'],
    [3, 'recalled'],
  ])
  expect(inbox.hurried).toBe(0)
})

test('answers the same again, and wakes no one', async () => {
  await using inbox = await openInbox()
  const { receipt } = await inbox.send({ to: { user: 'alice' }, type: 'test' })
  const first = await inbox.recall(receipt.id)
  expect(await inbox.recall(receipt.id)).toEqual(first)
  expect(inbox.moves.map(({ seq }) => seq)).toEqual([1, 2])
})

test('leaves what is out of more than 500 inboxes to the caretaker', async () => {
  await using inbox = await openInbox()
  const send = async (count: number): Promise<string> =>
    (await inbox.send({ to: { users: users(count) }, type: 'test' })).receipt.id
  const [most, more] = [await send(500), await send(501)]
  expect(await inbox.recall(most)).toMatchObject({ pending: false })
  expect(inbox.hurried).toBe(0)
  const before = inbox.moves.length
  expect(await inbox.recall(more)).toMatchObject({
    pending: true,
    receipt: { status: 'recalled', recipients: { total: 501, stored: 501 } },
  })
  expect([inbox.hurried, inbox.moves.length]).toEqual([1, before])
  // Until it is done it is told so, to whoever asks again.
  expect(await inbox.recall(more)).toMatchObject({ pending: true })
})

test('takes what waits for its time off the schedule; it is known as recalled, and never comes', async () => {
  await using inbox = await openInbox()
  const { receipt } = await inbox.send({
    to: { users: ['alice', 'bob'] },
    type: 'test',
    deliverAt: new Date(AT + 1_000).toISOString(),
  })
  const { id } = receipt
  // Even where it has waited for longer than what became of notifications is told.
  inbox.now += 500
  expect(await inbox.recall(id)).toMatchObject({
    pending: false,
    receipt: { status: 'recalled', recipients: { total: 2, stored: 0 } },
  })
  const query = { id, at: inbox.now, keptAfter: AT + 499 }
  expect(await inbox.store.notification(query)).toMatchObject({ status: 'recalled' })
  expect(await inbox.recall(id)).toMatchObject({ receipt: { recipients: { total: 2, stored: 0 } } })
  inbox.now += 1_000
  expect(await inbox.store.fire({ at: inbox.now, limit: 10 })).toEqual([])
  expect(inbox.moves).toEqual([])
})

test.each([
  ['of which nobody has heard', undefined],
  ['of another service', { issuer: 'https://issuer.example', subject: 'billing' }],
  ['of the same name by another issuer', { issuer: '', subject: 'shop' }],
])('refuses one %s, and takes nothing back', async (_what, sender) => {
  await using inbox = await openInbox()
  const { receipt } = await inbox.send({ to: { user: 'alice' }, type: 'test', title: 'stays' })
  const id = sender ? receipt.id : '01890a5d-ac96-774b-bcce-b302099a8057'
  await expect(inbox.recall(id, sender)).rejects.toMatchObject({ code: 'not_found' })
  expect(told(await inbox.log('alice'))).toEqual([[1, 'stays']])
  expect(inbox.moves).toHaveLength(1)
})
