import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MAX_IDS_PER_MARK } from '../../src/protocol/mark.js'
import { startService, type TestService } from '../harness.js'
import { AsUser } from './as-user.js'

const ABSENT = '01890a5d-ac96-774b-bcce-b302099a8057'

let service: TestService

beforeAll(async () => {
  service = await startService()
})
afterAll(async () => {
  await service[Symbol.asyncDispose]()
})

/** A user with as many notifications, titled by their number. */
async function userWith(name: string, count: number): Promise<{ user: AsUser; ids: string[] }> {
  const receipts = await service.api.sendMany(name, count)
  return { user: await AsUser.of(service.api, name), ids: receipts.map(({ id }) => id) }
}

const titlesOf = ({ items }: { items: { title: string | null }[] }) =>
  items.map(({ title }) => title)

describe('a mark by ids', () => {
  test('answers what it changed, the counts and where the log stands then', async () => {
    const { user, ids } = await userWith('alice', 4)
    const [first, second, third] = ids
    expect(await user.mark({ action: 'read', ids: [first, third] })).toEqual({
      updated: 2,
      unread: 2,
      unseen: 2,
      latest: 6,
    })
    expect(await user.mark({ action: 'seen', ids: [second] })).toEqual({
      updated: 1,
      unread: 2,
      unseen: 1,
      latest: 7,
    })
    expect(await user.counts()).toMatchObject({ unread: 2, unseen: 1, latest: 7 })
  })

  test('takes no seq for what it does not change, and counts an id once', async () => {
    const { user, ids } = await userWith('bob', 2)
    const [first, second] = ids
    await user.mark({ action: 'read', ids: [first] })
    const again = { updated: 0, unread: 1, unseen: 1, latest: 3 }
    expect(await user.mark({ action: 'read', ids: [first] })).toEqual(again)
    expect(await user.mark({ action: 'seen', ids: [first, first] })).toEqual(again)
    const once = await user.mark({ action: 'read', ids: [second, first, second, second] })
    expect(once).toEqual({ updated: 1, unread: 0, unseen: 0, latest: 4 })
  })

  test('passes over what is not in this inbox, and tells nothing of it', async () => {
    const { user, ids } = await userWith('carol', 1)
    const { user: other, ids: others } = await userWith('mallory', 2)
    const before = await other.counts()
    expect(await user.mark({ action: 'archived', ids: [...others, ABSENT] })).toEqual({
      updated: 0,
      unread: 1,
      unseen: 1,
      latest: 1,
    })
    expect(await user.mark({ action: 'archived', ids: [...others, ...ids] })).toMatchObject({
      updated: 1,
      unread: 0,
    })
    expect(await other.counts()).toEqual(before)
  })

  test('changes the one user’s copy of what was sent to several', async () => {
    const { id } = await service.api.send(['erin', 'frank'], 'for both')
    const [erin, frank] = await Promise.all(
      ['erin', 'frank'].map((name) => AsUser.of(service.api, name)),
    )
    expect(await erin?.mark({ action: 'read', ids: [id] })).toMatchObject({ updated: 1 })
    expect((await erin?.one(id))?.readAt).not.toBeNull()
    expect((await frank?.one(id))?.readAt).toBeNull()
  })

  test('names up to 500', async () => {
    const { user, ids } = await userWith('dave', 120)
    const strangers = Array.from(
      { length: MAX_IDS_PER_MARK - ids.length },
      (_, index) => ABSENT.slice(0, -4) + String(index).padStart(4, '0'),
    )
    expect(await user.mark({ action: 'seen', ids: [...strangers, ...ids] })).toEqual({
      updated: 120,
      unread: 120,
      unseen: 0,
      latest: 240,
    })
  })

  test('makes no user of one of whom nobody has heard', async () => {
    const nobody = await AsUser.of(service.api, 'nobody')
    const nothing = { updated: 0, unread: 0, unseen: 0, latest: 0 }
    expect(await nobody.mark({ action: 'read', ids: [ABSENT] })).toEqual(nothing)
    const { epoch } = await nobody.counts()
    expect(await nobody.mark({ action: 'read', upTo: 5, epoch })).toEqual(nothing)
  })
})

test('each action sets and clears its own times, and those that go with it', async () => {
  const { user, ids } = await userWith('grace', 1)
  const [id = ''] = ids
  const mark = async (action: string): Promise<[number, ...boolean[]]> => {
    const { updated } = await user.mark({ action, ids: [id] })
    const { seenAt, readAt, archivedAt } = await user.one(id)
    return [updated, ...[seenAt, readAt, archivedAt].map((time) => time !== null)]
  }
  const [seen, read, archived] = [true, true, true]
  expect(await mark('unread')).toEqual([0, false, false, false])
  expect(await mark('seen')).toEqual([1, seen, false, false])
  expect(await mark('read')).toEqual([1, seen, read, false])
  const { seenAt, readAt } = await user.one(id)
  expect(await mark('archived')).toEqual([1, seen, read, archived])
  // What was so already keeps its time.
  expect(await user.one(id)).toMatchObject({ seenAt, readAt })
  expect(await mark('unread')).toEqual([1, seen, false, archived])
  expect(await user.counts()).toMatchObject({ unread: 0, unseen: 0 })
  expect(await mark('unarchived')).toEqual([1, seen, false, false])
  expect(await user.counts()).toMatchObject({ unread: 1, unseen: 0 })
  expect(await mark('unarchived')).toEqual([0, seen, false, false])
  expect(await mark('archived')).toEqual([1, seen, read, archived])
})

test.each(['read', 'archived'])('`%s` sets what goes with it, at the same time', async (action) => {
  const { user, ids } = await userWith(`harry-${action}`, 1)
  await user.mark({ action, ids })
  const { seenAt, readAt, archivedAt } = await user.one(ids[0] ?? '')
  expect([seenAt, archivedAt ?? readAt]).toEqual([readAt, readAt])
})

describe('a mark by upTo', () => {
  test('goes by where the content came, wherever it stands now', async () => {
    const { user, ids } = await userWith('ivan', 4)
    // The first stands last now, and came first all the same.
    await user.mark({ action: 'seen', ids: ids.slice(0, 1) })
    const { epoch } = await user.counts()
    expect(await user.mark({ action: 'read', upTo: 2, epoch })).toEqual({
      updated: 2,
      unread: 2,
      unseen: 2,
      latest: 7,
    })
    expect(titlesOf(await user.list({ filter: 'unread' }))).toEqual(['4', '3'])
    expect(await user.mark({ action: 'read', upTo: 0, epoch })).toMatchObject({ updated: 0 })
    expect(await user.mark({ action: 'unread', upTo: 1_000, epoch })).toMatchObject({ updated: 2 })
  })

  test('of a type leaves those of other types alone', async () => {
    const { user } = await userWith('judy', 2)
    const { epoch } = await user.counts()
    const all = { upTo: 2, epoch }
    expect(await user.mark({ action: 'read', ...all, type: 'other' })).toMatchObject({ updated: 0 })
    expect(await user.mark({ action: 'read', ...all, type: 'Test' })).toMatchObject({ updated: 0 })
    expect(await user.mark({ action: 'read', ...all, type: 'test' })).toMatchObject({ updated: 2 })
  })

  test('marks hundreds and leaves those unread that arrive meanwhile', async () => {
    const { user } = await userWith('kim', 250)
    const { epoch, latest } = await user.counts()
    const numbers = Array.from({ length: 40 }, (_, index) => `new ${index}`)
    const [result] = await Promise.all([
      user.mark({ action: 'read', upTo: latest, epoch }),
      ...numbers.map((title) => service.api.send('kim', title)),
    ])
    expect(result).toMatchObject({ updated: 250 })
    expect(await user.counts()).toMatchObject({ unread: 40, unseen: 40, latest: 540 })
    const unread = titlesOf(await user.list({ filter: 'unread', limit: 100 }))
    expect(unread).toHaveLength(40)
    expect(new Set(unread)).toEqual(new Set(numbers))
  })

  test('more than five times a second is refused for one user, and for no other', async () => {
    const { user } = await userWith('liam', 1)
    const { user: other } = await userWith('mary', 1)
    const { epoch } = await user.counts()
    const body = { action: 'read', upTo: 1, epoch }
    const answers: Response[] = []
    // However slow the machine, so many at once come within a second.
    while (!answers.some(({ status }) => status === 429)) {
      const marks = Array.from({ length: 20 }, () => user.post('/v1/inbox/mark', body))
      answers.push(...(await Promise.all(marks)))
    }
    const codes = answers.map(({ status }) => status)
    expect(codes.filter((status) => status === 200).length).toBeGreaterThanOrEqual(5)
    for (const answer of answers.filter(({ status }) => status === 429)) {
      expect(answer.headers.get('retry-after')).toMatch(/^[1-9]\d*$/)
      expect(await answer.json()).toMatchObject({ code: 'rate_limited' })
    }
    expect(await other.mark({ action: 'read', upTo: 1, epoch })).toMatchObject({ updated: 1 })
    // Marks by ids are not among them.
    expect(await user.mark({ action: 'unread', ids: [ABSENT] })).toMatchObject({ updated: 0 })
  })
})
