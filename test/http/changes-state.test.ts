import { afterAll, beforeAll, expect, test } from 'vitest'
import type { GapMessage } from '../../src/protocol/down/gap.js'
import { isEntry, type EntryMessage } from '../client.js'
import { startService, type TestService } from '../harness.js'
import { AsUser } from './as-user.js'

let service: TestService

beforeAll(async () => {
  service = await startService()
})
afterAll(async () => {
  await service[Symbol.asyncDispose]()
})

/**
 * A user whose phone has acknowledged 1 to 4 of 6; then 2 was read, 5 archived and 1 seen. The log is 3, 4, 6, and 2 at 7,
 * 5 at 8, 1 at 9.
 */
async function userWithMarks(name: string): Promise<{ user: AsUser; epoch: string }> {
  const ids = (await service.api.sendMany(name, 6)).map(({ id }) => id)
  await using phone = await service.api.connect(name)
  await phone.received(6)
  await phone.acknowledgeAndWait(4)
  const user = await AsUser.of(service.api, name)
  await user.mark({ action: 'read', ids: [ids[1]] })
  await user.mark({ action: 'archived', ids: [ids[4]] })
  await user.mark({ action: 'seen', ids: [ids[0]] })
  return { user, epoch: (await user.counts()).epoch }
}

/** What a socket of a device is sent up to `caught_up`. */
async function replay(
  name: string,
  options: { device?: string; query?: Record<string, string> } = {},
): Promise<EntryMessage[]> {
  await using client = await service.api.connect(name, options)
  await client.first('caught_up')
  return client.messages.filter(isEntry)
}

const shortOf = (events: readonly (EntryMessage | GapMessage)[]) =>
  events.map(({ type, payload }) => [type, 'seq' in payload ? payload.seq : payload])

test('says `updated` of what the device has acknowledged, and gives all else whole', async () => {
  const { user, epoch } = await userWithMarks('alice')
  const page = await user.changes({ epoch, device: 'phone', after: 4 })
  expect(shortOf(page.events)).toEqual([
    ['notification', 6],
    ['updated', 7],
    ['notification', 8],
    ['updated', 9],
  ])
  expect(page).toMatchObject({ next: 9, caughtUp: true, ...countsOf(await user.counts()) })
  const state = { seenAt: null, readAt: null, archivedAt: null }
  expect(page.events[3]?.payload).toEqual({
    ...state,
    seq: 9,
    id: (await user.list({ filter: 'all' })).items.at(-1)?.id,
    seenAt: (await user.list({ filter: 'all' })).items.at(-1)?.seenAt,
  })
  expect(page.events).toEqual(await replay('alice'))
})

const countsOf = ({ unread, unseen }: { unread: number; unseen: number }) => ({ unread, unseen })

test('is the replay of a socket that starts at the same place, from every place of the log', async () => {
  const { user, epoch } = await userWithMarks('bob')
  const told: [number, unknown][] = []
  // Upwards, since a socket that starts above the stored cursor acknowledges up to there.
  for (let after = 0; after <= 9; after++) {
    const { events } = await user.changes({ epoch, device: 'phone', after })
    const sent = await replay('bob', { query: { cursor: String(after), epoch } })
    expect([after, events]).toEqual([after, sent])
    told.push([after, events.map(({ type }) => (type === 'updated' ? 'updated' : 'whole'))])
  }
  expect(told.slice(0, 6)).toEqual([
    ...[0, 1, 2].map((after) => [after, Array.from({ length: 6 }, () => 'whole')]),
    [3, Array.from({ length: 5 }, () => 'whole')],
    [4, ['whole', 'updated', 'whole', 'updated']],
    [5, ['whole', 'updated', 'whole', 'updated']],
  ])
})

test.each([1, 2, 3])('is the replay from the stored cursor, %d at a time', async (limit) => {
  const name = `carol-${limit}`
  const { user, epoch } = await userWithMarks(name)
  const events: (EntryMessage | GapMessage)[] = []
  let page = await user.changes({ epoch, device: 'phone', after: 4, limit })
  events.push(...page.events)
  while (!page.caughtUp) {
    page = await user.changes({ epoch, device: 'phone', after: page.next, limit })
    events.push(...page.events)
  }
  expect(events).toEqual(await replay(name))
})

test('gives all whole to a reader without a device, and to a device that is not known', async () => {
  const { user, epoch } = await userWithMarks('dave')
  const without = (await user.changes({ epoch, after: 4 })).events
  expect(shortOf(without)).toEqual([6, 7, 8, 9].map((seq) => ['notification', seq]))
  const unknown = await user.changes({ epoch, after: 4, device: 'tablet' })
  expect(unknown.events).toEqual(without)
  // It was not made by that: as a new one it starts at the beginning.
  expect(shortOf(await replay('dave', { device: 'tablet' }))).toEqual(
    [3, 4, 6, 7, 8, 9].map((seq) => ['notification', seq]),
  )
})

test('tells each entry once, at its latest change, and what a mark has moved below `next` again', async () => {
  const ids = (await service.api.sendMany('erin', 3)).map(({ id }) => id)
  const user = await AsUser.of(service.api, 'erin')
  const { epoch } = await user.counts()
  const first = await user.changes({ epoch, limit: 2 })
  await user.mark({ action: 'read', ids: [ids[0]] })
  await user.mark({ action: 'archived', ids: [ids[0]] })
  const second = await user.changes({ epoch, after: first.next })
  expect([shortOf(first.events), shortOf(second.events)]).toEqual([
    [
      ['notification', 1],
      ['notification', 2],
    ],
    [
      ['notification', 3],
      ['notification', 5],
    ],
  ])
  expect(second).toMatchObject({ next: 5, caughtUp: true, unread: 2, unseen: 2 })
})
