import { expect, test } from 'vitest'
import type { Store } from '../../../src/inbox/store.js'
import { inspectDatabase } from '../../../src/store/sqlite/inspect.js'
import { drawSeed, seededRandom } from '../../random.js'
import { ALL, contentOf, numbers, openDevice, send } from '../contract/store-under-test.js'
import { openSqlite, rawConnection } from './files.js'
import { RandomUse, USERS } from './random-use.js'
import { recount } from './recount.js'

/** Few entries, so that inboxes are often full. */
const BOUNDS = { inboxLimit: 12 }
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

const seed = drawSeed()

test(`counts equal a recount after ${OPERATIONS} random operations (SEED=${seed})`, async () => {
  await using opened = await openSqlite(BOUNDS)
  const { store, path } = opened
  const use = new RandomUse(store, seededRandom(seed))
  for (const user of USERS) await openDevice(store, user, 'phone')

  for (let round = 1; round <= OPERATIONS / AT_ONCE; round++) {
    await Promise.all(numbers(1, AT_ONCE).map(() => use.step()))
    if (round % ROUNDS_BETWEEN > 0) continue
    expect(inspectDatabase(path)).toMatchObject({ kind: 'sound', users: USERS.length })
    for (const user of USERS) {
      const { kept, counted } = await countsOf(store, user)
      expect(kept).toEqual(counted)
    }
  }

  await use.finish()
  expect(inspectDatabase(path)).toMatchObject({ kind: 'sound', users: USERS.length })
  for (const user of USERS) {
    const { seqs, told, counted, alive, horizon } = recount(use.toldOf(user), BOUNDS.inboxLimit)
    // Each `seq` was given to one change, and each change told the counts as of then.
    expect(seqs).toEqual(numbers(1, seqs.length))
    expect(told).toEqual(counted)
    expect(await store.head(user)).toMatchObject({ latest: seqs.length, horizon })
    const listed = await store.list({ user, filter: 'all', before: undefined, limit: ALL.limit })
    const ids = listed.entries.map((entry) => contentOf(entry).id)
    expect(ids.toSorted()).toEqual(alive.toSorted())
    // It was full, and full of tombstones.
    expect(horizon).toBeGreaterThan(seqs.length / 2)
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
