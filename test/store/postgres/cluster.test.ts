import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { UsersConnection } from '../../../src/inbox/live.js'
import { PostgresCluster } from '../../../src/store/postgres/cluster.js'
import type { Database } from '../../../src/store/postgres/database.js'
import { hasPostgres, postgresForTests } from './databases.js'

const LONG = 60_000

const connection = (name: string, at = 1_000): UsersConnection => {
  const [user = '', device = ''] = name.split(' ')
  return { connection: name, user, device, connectedAt: at, heardAt: at }
}

describe.skipIf(!hasPostgres)('what nodes know of each other, on PostgreSQL', () => {
  const postgres = postgresForTests()
  let database: Database
  let cluster: PostgresCluster
  beforeEach(async () => {
    database = await postgres.open()
    cluster = new PostgresCluster(database)
  })
  afterEach(() => database.close())

  const tell = (
    life: string,
    names: readonly (string | UsersConnection)[],
    { gone = [], leaseMs = LONG }: { gone?: string[]; leaseMs?: number } = {},
  ): Promise<boolean> =>
    cluster.tellPresence({
      life,
      leaseMs,
      present: names.map((name) => (typeof name === 'string' ? connection(name) : name)),
      gone,
      total: names.length,
    })

  const rows = async (): Promise<number> =>
    (await database.query<{ rows: number }>('SELECT count(*) AS rows FROM presence'))[0]?.rows ?? 0

  test('connections are told with their life, by all other lives', async () => {
    await cluster.beginLife({ life: 'a', leaseMs: LONG })
    await cluster.beginLife({ life: 'b', leaseMs: LONG })
    expect(
      await tell('a', [connection('alice tv', 2), connection('alice phone', 1), 'bob tv']),
    ).toBe(true)
    await tell('b', ['carol tv'])
    const of = async (except: string) => (await cluster.presentUsers({ except })).toSorted()
    expect([await of('a'), await of('b')]).toEqual([['carol'], ['alice', 'bob']])
    expect(await cluster.presentConnections({ except: 'b', user: 'alice' })).toEqual([
      connection('alice phone', 1),
      connection('alice tv', 2),
    ])
    const userOf = (except: string) => cluster.presentUserOf({ except, connection: 'bob tv' })
    expect([await userOf('a'), await userOf('b')]).toEqual([undefined, 'bob'])
    expect(await cluster.newestPresent({ except: 'none', limit: 2 })).toEqual({
      connections: [connection('carol tv'), connection('bob tv')],
      total: 4,
    })
  })

  test('one that was heard is told again, one that went is told no more', async () => {
    await cluster.beginLife({ life: 'a', leaseMs: LONG })
    await tell('a', ['alice tv', 'alice phone'])
    const heard = { ...connection('alice phone'), heardAt: 5_000 }
    await tell('a', [heard], { gone: ['alice tv'] })
    expect(await cluster.presentConnections({ except: '', user: 'alice' })).toEqual([heard])
  })

  test('a life whose lease has run out counts no more, and is swept away in steps', async () => {
    await cluster.beginLife({ life: 'dead', leaseMs: LONG })
    await cluster.beginLife({ life: 'living', leaseMs: LONG })
    await tell('dead', ['a 1', 'b 1', 'c 1'], { leaseMs: -1 })
    await tell('living', ['d 1'])
    expect(await cluster.presentUsers({ except: '' })).toEqual(['d'])
    const counts = [await rows()]
    while ((await cluster.sweepPresence({ limit: 2 })).more) counts.push(await rows())
    expect(counts).toEqual([4, 2, 1])
    expect(await tell('dead', ['a 1'])).toBe(false)
    expect(await tell('living', [])).toBe(true)
    expect(await rows()).toBe(1)
  })

  test('a late renewal saves a life that nobody has swept, and none that was', async () => {
    await cluster.beginLife({ life: 'late', leaseMs: LONG })
    await tell('late', ['a 1'], { leaseMs: -1 })
    expect(await tell('late', [])).toBe(true)
    expect(await cluster.presentUsers({ except: '' })).toEqual(['a'])
    await cluster.endLife({ life: 'late' })
    expect(await cluster.presentUsers({ except: '' })).toEqual([])
    expect(await tell('late', ['b 1'])).toBe(false)
    expect(await rows()).toBe(1)
  })

  test('connections that are told in the next life are not swept with the one before', async () => {
    await cluster.beginLife({ life: 'first', leaseMs: LONG })
    await tell('first', ['a 1', 'b 1'])
    await cluster.endLife({ life: 'first' })
    await cluster.beginLife({ life: 'second', leaseMs: LONG })
    let sweeping: Promise<unknown> | undefined
    // The sweep has to wait for the row, and finds that it is another life's then.
    await database.transaction(async (transaction) => {
      await transaction.run("UPDATE presence SET life = 'second' WHERE connection = 'a 1'")
      sweeping = cluster.sweepPresence({ limit: 10 })
      await expect
        .poll(() => database.query("SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'"))
        .toHaveLength(1)
    })
    await sweeping
    expect(await cluster.presentUsers({ except: '' })).toEqual(['a'])
    expect(await rows()).toBe(1)
  })

  test('orders are read in their order by all nodes but the one that gave them, each once', async () => {
    const give = (...contents: string[]) =>
      cluster.giveOrders(contents.map((content) => ({ node: 'a', content })))
    await give('before')
    const last = await cluster.lastOrder()
    await give('1', '2', '3')
    const page = await cluster.ordersAfter({ after: last, node: 'b', limit: 2 })
    expect(page.orders.map(({ content }) => content)).toEqual(['1', '2'])
    expect(page.more).toBe(true)
    const next = await cluster.ordersAfter({ after: page.last, node: 'b', limit: 2 })
    expect(next.orders.map(({ content }) => content)).toEqual(['3'])
    expect(next.orders[0]?.ageMs).toBeGreaterThanOrEqual(0)
    expect(await cluster.ordersAfter({ after: next.last, node: 'b', limit: 2 })).toMatchObject({
      orders: [],
      last: next.last,
      more: false,
    })
    const own = await cluster.ordersAfter({ after: last, node: 'a', limit: 9 })
    expect([own.orders, own.last]).toEqual([[], next.last])
    expect(own.at).toBeGreaterThanOrEqual(page.at)
  })

  test('an order appears after all that were given before it', async () => {
    const seen: string[] = []
    let after = 0
    const given = Array.from({ length: 40 }, (_, i) =>
      cluster.giveOrders([{ node: `n${i}`, content: String(i) }]),
    )
    const all = Promise.all(given).then(() => true)
    for (let isOver = false; ;) {
      const page = await cluster.ordersAfter({ after, node: 'reader', limit: 7 })
      seen.push(...page.orders.map(({ content }) => content))
      after = page.last
      if (isOver && !page.more) break
      isOver = await Promise.race([all, Promise.resolve(false)])
    }
    expect(seen.toSorted((a, b) => Number(a) - Number(b))).toEqual(
      Array.from({ length: 40 }, (_, i) => String(i)),
    )
  })

  test('orders are forgotten when they are old, in steps', async () => {
    await cluster.giveOrders(['1', '2', '3'].map((content) => ({ node: 'a', content })))
    expect(await cluster.forgetOrders({ olderThanMs: LONG, limit: 2 })).toEqual({ more: false })
    expect(await cluster.forgetOrders({ olderThanMs: 0, limit: 2 })).toEqual({ more: true })
    expect(await cluster.forgetOrders({ olderThanMs: 0, limit: 2 })).toEqual({ more: false })
    expect((await cluster.ordersAfter({ after: 0, node: 'b', limit: 9 })).orders).toEqual([])
  })

  test('a duty is one node’s until its lease ends', async () => {
    const claim = (node: string, forMs = LONG) =>
      cluster.claimDuty({ duty: 'retention', node, forMs })
    const claims = await Promise.all(['a', 'b', 'c', 'd'].map((node) => claim(node)))
    expect(claims.filter(Boolean)).toHaveLength(1)
    const holder = ['a', 'b', 'c', 'd'][claims.indexOf(true)] ?? ''
    expect(await claim('e')).toBe(false)
    expect(await cluster.claimDuty({ duty: 'another', node: 'e', forMs: LONG })).toBe(true)
    expect(await claim(holder, -1)).toBe(true)
    expect(await claim('e')).toBe(true)
    expect(await claim(holder)).toBe(false)
  })

  test('revocations come as they were written', async () => {
    expect(await cluster.lastRevoked()).toBe(0)
    await database.transaction(async (transaction) => {
      await transaction.run("INSERT INTO revocations (kind, name, time) VALUES ('token', 'x', 5)")
      await transaction.run("INSERT INTO revocations (kind, name, time) VALUES ('user', 'y', 6)")
    })
    const { items, last } = await cluster.revokedAfter({ after: 0, limit: 1 })
    expect(items).toEqual([{ kind: 'token', name: 'x', time: 5 }])
    expect(await cluster.revokedAfter({ after: last, limit: 9 })).toEqual({
      items: [{ kind: 'user', name: 'y', time: 6 }],
      last: await cluster.lastRevoked(),
    })
  })
})
