import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { hashOfName, Revocations } from '../../src/auth/revocations.js'
import { ClusterDuties } from '../../src/cluster/duties.js'
import { Revoker } from '../../src/inbox/revoker.js'
import { PostgresCluster } from '../../src/store/postgres/cluster.js'
import type { Database } from '../../src/store/postgres/database.js'
import { nobodyLive } from '../nobody-live.js'
import { hasPostgres, postgresForTests } from '../store/postgres/databases.js'

const stopwatch = (): number => performance.now()

describe.skipIf(!hasPostgres)('what nodes do for each other', () => {
  const postgres = postgresForTests()
  let database: Database
  let store: PostgresCluster
  beforeEach(async () => {
    database = await postgres.open()
    store = new PostgresCluster(database)
  })
  afterEach(() => database.close())

  const insert = (name: string): Promise<number> =>
    database.transaction((transaction) =>
      transaction.run("INSERT INTO revocations (kind, name, time) VALUES ('user', $1, 9)", [name]),
    )

  test('one node at a time has a duty, and another when that one has ended', async () => {
    const [a, b] = ['a', 'b'].map(
      (node) => new ClusterDuties({ store, node, stopwatch, leaseMs: 400 }),
    )
    const held = await a?.take('retention')
    expect(held?.isLost()).toBe(false)
    expect(await b?.take('retention')).toBeUndefined()
    // Renewed meanwhile: longer than one lease it stays.
    const began = performance.now()
    await expect.poll(() => performance.now() - began, { timeout: 5_000 }).toBeGreaterThan(700)
    expect([held?.isLost(), await b?.take('retention')]).toEqual([false, undefined])
    held?.end()
    let taken: Awaited<ReturnType<ClusterDuties['take']>>
    await expect
      .poll(async () => (taken ??= await b?.take('retention')), { timeout: 5_000 })
      .toBeDefined()
    expect([held?.isLost(), taken?.isLost()]).toEqual([true, false])
    expect(await a?.take('retention')).toBeUndefined()
    taken?.end()
  })

  test('a node that stood still knows that its duty may be another’s', async () => {
    let now = 0
    const duties = new ClusterDuties({ store, node: 'a', stopwatch: () => now, leaseMs: 60_000 })
    const held = await duties.take('retention')
    now = 59_999
    expect(held?.isLost()).toBe(false)
    now = 60_000
    expect(held?.isLost()).toBe(true)
    held?.end()
  })

  test('what another node revokes is taken up once; what this one has, not again', async () => {
    const looks: (string | undefined)[] = []
    const local = {
      endRevoked: (user: string | undefined): Promise<void> => {
        looks.push(user)
        return Promise.resolve()
      },
    }
    const revoked = new Revocations()
    const log = {
      revocations: () => Promise.resolve({ items: [], next: undefined }),
      revoke: async ({ name }: { name: string }) => void (await insert(name)),
      forgetRevocations: () => Promise.resolve({ more: false }),
    }
    const revoker = new Revoker({ store: log, revoked, live: nobodyLive, others: { store, local } })
    await revoker.load()
    const alice = hashOfName('user', 'alice')
    const isRevoked = (): boolean => revoked.has({ token: undefined, user: alice, issuedAt: 8 })
    await insert(alice)
    expect(isRevoked()).toBe(false)
    await revoker.poll()
    expect([isRevoked(), looks]).toEqual([true, [undefined]])
    await revoker.revoke({ kind: 'user', name: hashOfName('user', 'bob'), time: 9 }, 'bob')
    await revoker.poll()
    await revoker.poll()
    expect(looks).toHaveLength(1)
  })
})
