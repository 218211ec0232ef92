import { describe, expect, test } from 'vitest'
import type { Store } from '../../../src/inbox/store.js'
import { drawSeed, seededRandom } from '../../random.js'
import { ALL, contentOf, numbers, openDevice } from '../contract/store-under-test.js'
import { RandomUse, USERS } from '../sqlite/random-use.js'
import { recount } from '../sqlite/recount.js'
import { ask, hasPostgres, openPostgres } from './files.js'

/** Few entries, so that inboxes are often full. */
const BOUNDS = { inboxLimit: 12 }
const OPERATIONS = 3_000
/** So many are asked for at once, and share a few commits. */
const AT_ONCE = 100

/** Users whose counts are not those of their rows, and a number of users that is not that of theirs. */
const MISCOUNTED = `SELECT users.name, users.unread, users.unseen, users.entries, users.tombstones
  FROM users LEFT JOIN inbox ON inbox.user_id = users.id GROUP BY users.id
  HAVING unread <> count(*) FILTER (WHERE seq IS NOT NULL AND removed IS NULL AND archived_at IS NULL AND read_at IS NULL)
    OR unseen <> count(*) FILTER (WHERE seq IS NOT NULL AND removed IS NULL AND archived_at IS NULL AND seen_at IS NULL)
    OR entries <> count(*) FILTER (WHERE seq IS NOT NULL AND removed IS NULL)
    OR tombstones <> count(removed)
  UNION ALL
  SELECT 'all', sum(delta), 0, 0, 0 FROM known_users HAVING sum(delta) <> (SELECT count(*) FROM users)`

async function listedOf(store: Store, user: string, filter: 'all' | 'unread' | 'unseen') {
  const page = await store.list({ user, filter, before: undefined, limit: ALL.limit })
  return page.entries
}

const seed = drawSeed()

describe.skipIf(!hasPostgres)('counts on PostgreSQL', () => {
  test(`equal a recount after ${OPERATIONS} random operations (SEED=${seed})`, async () => {
    await using opened = await openPostgres(BOUNDS)
    const { store, url } = opened
    const use = new RandomUse(store, seededRandom(seed))
    for (const user of USERS) await openDevice(store, user, 'phone')

    for (let round = 1; round <= OPERATIONS / AT_ONCE; round++) {
      await Promise.all(numbers(1, AT_ONCE).map(() => use.step()))
      expect(await ask(url, MISCOUNTED)).toEqual([])
    }

    await use.finish()
    expect(await ask(url, MISCOUNTED)).toEqual([])
    for (const user of USERS) {
      const { seqs, told, counted, alive, horizon } = recount(use.toldOf(user), BOUNDS.inboxLimit)
      // Each `seq` was given to one change, and each change told the counts as of then.
      expect(seqs).toEqual(numbers(1, seqs.length))
      expect(told).toEqual(counted)
      const head = await store.head(user)
      expect(head).toMatchObject({ latest: seqs.length, horizon })
      expect(head).toMatchObject({
        unread: (await listedOf(store, user, 'unread')).length,
        unseen: (await listedOf(store, user, 'unseen')).length,
      })
      const ids = (await listedOf(store, user, 'all')).map((entry) => contentOf(entry).id)
      expect(ids.toSorted()).toEqual(alive.toSorted())
    }
  }, 120_000)

  test('that are wrong are found by the recount', async () => {
    await using opened = await openPostgres()
    await openDevice(opened.store, 'alice', 'phone')
    expect(await ask(opened.url, MISCOUNTED)).toEqual([])
    await ask(opened.url, 'UPDATE users SET unseen = unseen + 1')
    expect(await ask(opened.url, MISCOUNTED)).toHaveLength(1)
    await ask(
      opened.url,
      'UPDATE users SET unseen = unseen - 1; INSERT INTO known_users VALUES (1)',
    )
    expect(await ask(opened.url, MISCOUNTED)).toHaveLength(1)
  })
})
