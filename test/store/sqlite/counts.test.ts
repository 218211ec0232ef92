import { expect, test } from 'vitest'
import type { Store } from '../../../src/inbox/store.js'
import { inspectDatabase } from '../../../src/store/sqlite/inspect.js'
import { drawSeed, seededRandom } from '../../random.js'
import { ALL, numbers, send } from '../contract/store-under-test.js'
import { openSqlite, rawConnection } from './files.js'
import { RandomUse, USERS, type Told } from './random-use.js'

const OPERATIONS = 10_000
/** So many are asked for at once, and share a few commits. */
const AT_ONCE = 100
/** So many rounds of them pass between two looks at the whole. */
const ROUNDS_BETWEEN = 20

/** The counts that the store keeps, beside those of the entries that it lists. */
async function countsOf(store: Store, user: string) {
  const { unread, unseen } = await store.head(user)
  const listed = async (filter: 'unread' | 'unseen') =>
    (await store.list({ user, filter, before: undefined, limit: ALL.limit })).entries.length
  return {
    kept: { unread, unseen },
    counted: { unread: await listed('unread'), unseen: await listed('unseen') },
  }
}

/** The counts as of each change, from the changes up to it. */
function recount(told: readonly Told[]): number[][] {
  const unread = new Set<string>()
  const unseen = new Set<string>()
  return told.map(({ id, state: { seenAt, readAt, archivedAt } }) => {
    for (const [set, at] of [
      [unread, readAt],
      [unseen, seenAt],
    ] as const) {
      if (at === null && archivedAt === null) set.add(id)
      else set.delete(id)
    }
    return [unread.size, unseen.size]
  })
}

const seed = drawSeed()

test(`counts equal a recount after ${OPERATIONS} random operations (SEED=${seed})`, async () => {
  await using opened = await openSqlite()
  const { store, path } = opened
  const use = new RandomUse(store, seededRandom(seed))

  for (let round = 1; round <= OPERATIONS / AT_ONCE; round++) {
    await Promise.all(numbers(1, AT_ONCE).map(() => use.step()))
    if (round % ROUNDS_BETWEEN > 0) continue
    expect(inspectDatabase(path)).toMatchObject({ kind: 'sound', users: USERS.length })
    for (const user of USERS) {
      const { kept, counted } = await countsOf(store, user)
      expect(kept).toEqual(counted)
    }
  }

  for (const user of USERS) {
    const told = use.toldOf(user).toSorted((a, b) => a.state.seq - b.state.seq)
    // Each `seq` was given to one change, and each change told the counts as of then.
    expect(told.map(({ state }) => state.seq)).toEqual(numbers(1, told.length))
    expect(told.map(({ unread, unseen }) => [unread, unseen])).toEqual(recount(told))
    expect(await store.head(user)).toMatchObject({ latest: told.length })
  }
})

test.each([
  ['a count that is one too many', 'UPDATE users SET unseen = unseen + 1'],
  ['an entry that was read past its count', 'UPDATE inbox SET read_at = 1 WHERE read_at IS NULL'],
])('a recount finds %s', async (_what, sql) => {
  await using opened = await openSqlite()
  const use = new RandomUse(opened.store, seededRandom(seed))
  for (let count = 0; count < 100; count++) await use.step()
  const user = 'alice'
  // Whatever became of the others, one is unread.
  await send(opened.store, user)
  const before = await countsOf(opened.store, user)
  expect(before.kept).toEqual(before.counted)
  {
    using raw = rawConnection(opened.path)
    raw.connection.exec(sql)
  }
  const after = await countsOf(opened.store, user)
  expect(after.kept).not.toEqual(after.counted)
  expect(inspectDatabase(opened.path)).toMatchObject({ kind: 'broken' })
})
