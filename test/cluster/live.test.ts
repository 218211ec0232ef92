import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ClusterBus } from '../../src/cluster/cluster-bus.js'
import { ClusterLive } from '../../src/cluster/cluster-live.js'
import { NotifyBus } from '../../src/cluster/notify-bus.js'
import { PresenceChanges } from '../../src/cluster/presence-changes.js'
import { PostgresCluster } from '../../src/store/postgres/cluster.js'
import type { Database } from '../../src/store/postgres/database.js'
import { hasPostgres, openDatabase, postgresForTests } from '../store/postgres/databases.js'
import { FakeSessions } from './fake-sessions.js'
import { MemoryNetwork } from './memory-bus.js'

interface Node {
  sessions: FakeSessions
  live: ClusterLive
  bus: ClusterBus
  reported: unknown[]
}

describe.skipIf(!hasPostgres)('connections on several nodes', () => {
  const postgres = postgresForTests()
  let database: Database
  let store: PostgresCluster
  let nodes: Node[]
  beforeEach(async () => {
    nodes = []
    database = await postgres.open()
    store = new PostgresCluster(database)
  })
  afterEach(async () => {
    await Promise.all(nodes.map(({ live }) => live.close()))
    await Promise.all(nodes.map(({ bus }) => bus.close()))
    await database.close()
  })

  /** With the bus cut, where it is not over the database. */
  async function start(name: string, isCut = false): Promise<Node> {
    const changes = new PresenceChanges()
    const sessions = new FakeSessions(changes)
    const reported: unknown[] = []
    const report = (error: unknown): void => void reported.push(error)
    const network = new MemoryNetwork(7_999)
    const wire = isCut ? network.add() : new NotifyBus({ url: urlOf(database) })
    const bus = new ClusterBus({ bus: wire, node: name, clock: Date.now, report })
    const live = new ClusterLive({
      local: sessions,
      changes,
      store,
      bus,
      stopwatch: () => performance.now(),
      report,
      times: { tellMs: 20, renewMs: 200, leaseMs: 5_000, heardMs: 100, lookMs: 100 },
    })
    await live.start()
    const node = { sessions, live, bus, reported }
    nodes.push(node)
    await expect.poll(() => bus.figures.isConnected).toBe(true)
    return node
  }

  function urlOf(opened: Database): string {
    const name = names.get(opened)
    if (name === undefined) throw new Error('the database has no name')
    return name
  }
  const names = new Map<Database, string>()
  beforeEach(async () => {
    const [row] = await database.query<{ name: string }>('SELECT current_database() AS name')
    names.set(database, postgres.server().url(row?.name ?? ''))
  })

  test('each node tells of the connections of all, as they come and go', async () => {
    const [a, b] = [await start('a'), await start('b')]
    a.sessions.join('alice phone', 1)
    b.sessions.join('alice tv', 2)
    b.sessions.join('bob tv', 3)
    for (const { live } of [a, b]) {
      await expect
        .poll(async () => (await live.connections('alice')).map(({ device }) => device))
        .toEqual(['phone', 'tv'])
      await expect.poll(async () => (await live.users()).toSorted()).toEqual(['alice', 'bob'])
      await expect.poll(() => live.userOf('bob tv')).toBe('bob')
      await expect
        .poll(() => live.newest(2))
        .toMatchObject({ connections: [{ user: 'bob' }, { device: 'tv' }], total: 3 })
    }
    b.sessions.hear('alice tv', 9_000)
    await expect.poll(async () => (await a.live.connections('alice'))[1]?.heardAt).toBe(9_000)
    b.sessions.leave('alice tv')
    await expect.poll(async () => (await a.live.connections('alice')).length).toBe(1)
    await b.live.close()
    expect(await a.live.users()).toEqual(['alice'])
    const [row] = await database.query<{ rows: number }>('SELECT count(*) AS rows FROM presence')
    expect(row?.rows).toBe(1)
  })

  test('a node whose life was ended for it tells all again', async () => {
    const [a, b] = [await start('a'), await start('b')]
    b.sessions.join('bob tv')
    await expect.poll(() => a.live.users()).toEqual(['bob'])
    await database.transaction(async (transaction) => {
      await transaction.run('UPDATE nodes SET is_over = true')
    })
    while ((await store.sweepPresence({ limit: 1 })).more);
    await expect.poll(() => a.live.users()).toEqual(['bob'])
    expect(b.reported).toEqual([])
  })

  test('after a crash of the database all is told again, and the trouble once', async () => {
    const [a, b] = [await start('a', true), await start('b', true)]
    a.sessions.join('alice tv')
    b.sessions.join('bob tv')
    await expect.poll(() => a.live.users()).toEqual(['alice', 'bob'])
    await postgres.server().stop('immediate')
    await expect.poll(() => a.live.users()).toEqual(['alice'])
    b.sessions.join('bob phone')
    b.sessions.leave('bob tv')
    await expect.poll(() => b.reported.length).toBeGreaterThan(0)
    await postgres.server().start()
    await expect
      .poll(async () => (await a.live.connections('bob')).map(({ device }) => device))
      .toEqual(['phone'])
    // Presence, sweeping, orders: each of them once.
    expect(b.reported.length).toBeLessThanOrEqual(4)
  })

  test('what is delivered reaches each connection that is meant once, however large', async () => {
    const [a, b, c] = [await start('a'), await start('b'), await start('c')]
    a.sessions.join('alice phone')
    b.sessions.join('alice tv')
    b.sessions.join('bob tv')
    c.sessions.join('carol tv')
    const large = JSON.stringify({ body: 'ä"\\'.repeat(12_000) })
    await a.live.deliver({ kind: 'users', users: ['alice', 'carol'] }, '1')
    await a.live.deliver({ kind: 'device', user: 'alice', device: 'tv' }, '2')
    await a.live.deliver({ kind: 'connection', connection: 'bob tv' }, '3')
    await a.live.deliver({ kind: 'users', users: ['bob'] }, large)
    await c.live.deliver({ kind: 'everyone' }, '4')
    await expect
      .poll(() => a.sessions.heard)
      .toEqual([
        ['alice phone', '1'],
        ['alice phone', '4'],
      ])
    await expect.poll(() => b.sessions.heard.length).toBe(6)
    expect(
      b.sessions.heard.map(([name, text]) => `${name} ${text.slice(0, 6)}`).toSorted(),
    ).toEqual([
      'alice tv 1',
      'alice tv 2',
      'alice tv 4',
      'bob tv 3',
      'bob tv 4',
      `bob tv ${large.slice(0, 6)}`,
    ])
    expect(b.sessions.heard.map(([, text]) => text)).toContain(large)
    await expect.poll(() => c.sessions.heard.map(([, text]) => text).toSorted()).toEqual(['1', '4'])
  })

  test.each([false, true])('an order reaches every node once, its bus cut: %s', async (isCut) => {
    const [a, b] = [await start('a'), await start('b', isCut)]
    a.sessions.join('alice phone')
    b.sessions.join('alice tv')
    b.sessions.join('bob tv')
    await expect.poll(async () => (await a.live.connections('alice')).length).toBe(2)
    expect(await a.live.end({ user: 'alice' }, { kind: 'reconnect' })).toBe(2)
    await expect.poll(() => b.sessions.ended).toEqual([['alice tv', 'reconnect']])
    const removed = { kind: 'error', code: 'device_removed', detail: 'Gone.' } as const
    await a.live.end({ user: 'bob', device: 'tv' }, removed)
    await expect.poll(() => b.sessions.ended.at(-1)).toEqual(['bob tv', 'device_removed'])
    expect(a.sessions.ended).toEqual([['alice phone', 'reconnect']])
    expect(b.sessions.ended).toHaveLength(2)
    const late = await start('late')
    late.sessions.join('alice pad')
    await a.live.end({ user: 'nobody' }, { kind: 'reconnect' })
    await b.live.end({ user: 'carol' }, { kind: 'reconnect' })
    await expect.poll(() => late.live.users()).toEqual(['alice'])
    expect(late.sessions.ended).toEqual([])
  })

  test('revocations are looked for when another node says so, and without it too', async () => {
    const [a, b] = [await start('a'), await start('b')]
    let looks = 0
    b.live.followRevocations(() => {
      looks += 1
      return Promise.resolve()
    })
    await expect.poll(() => looks).toBeGreaterThan(2)
    await a.live.endRevoked('alice')
    expect(a.sessions.looksForRevoked).toBe(1)
    expect(b.sessions.looksForRevoked).toBe(0)
  })

  test('what must be certain fails where the store does not answer', async () => {
    const a = await start('a', true)
    a.sessions.join('alice tv')
    expect(await a.live.connectionsForCertain('alice')).toHaveLength(1)
    const absent = openDatabase('postgres://posthorn@127.0.0.1:1/none', 1)
    const away = new ClusterLive({
      local: a.sessions,
      changes: new PresenceChanges(),
      store: new PostgresCluster(absent),
      bus: a.bus,
      stopwatch: () => performance.now(),
      report: () => undefined,
    })
    expect(await away.connections('alice')).toHaveLength(1)
    await expect(away.connectionsForCertain('alice')).rejects.toMatchObject({
      code: 'store_unavailable',
    })
    await expect(away.end({ user: 'alice' }, { kind: 'reconnect' })).rejects.toMatchObject({
      code: 'store_unavailable',
    })
    await away.close()
    await absent.close()
  })
})
