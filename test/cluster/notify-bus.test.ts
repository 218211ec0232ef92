import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { NotifyBus } from '../../src/cluster/notify-bus.js'
import { findPostgres, startPostgres, type PostgresServer } from '../postgres.js'
import { arrival, connected, startNode, type Node } from './nodes.js'
import { startStallingProxy } from './stalling-proxy.js'

const bin = findPostgres()

describe.skipIf(bin === undefined)('over LISTEN and NOTIFY', () => {
  let server: PostgresServer

  beforeAll(async () => {
    server = await startPostgres(bin ?? '')
  })
  afterAll(() => server[Symbol.asyncDispose]())

  const node = (name: string): Node =>
    startNode(name, new NotifyBus({ url: server.url('postgres') }))

  test('a move reaches the sessions of another node, and those of its own at once', async () => {
    await using here = node('a')
    await using there = node('b')
    await connected(here, there)
    here.wake.publish([arrival('alice', 1), { user: 'bob', seq: 7, change: { kind: 'counts' } }])
    expect(here.moves).toHaveLength(2)
    await expect.poll(() => there.moves).toEqual(here.moves)
    expect(here.moves).toHaveLength(2)
    expect(there.bus.figures).toMatchObject({ rubbish: 0, dropped: 0, received: 1 })
  })

  test('a thousand users of one group come in order, content of 64 KiB by its user alone', async () => {
    await using here = node('a')
    await using there = node('b')
    await connected(here, there)
    const many = Array.from({ length: 1_000 }, (_, index) => arrival(`user ${index} é`, 3))
    const large = arrival('alice', 1, JSON.stringify({ body: 'x'.repeat(64 * 1024) }))
    here.wake.publish([...many, large])
    await expect.poll(() => there.moves.length, { interval: 10 }).toBe(1_001)
    expect(there.moves.slice(0, 1_000)).toEqual(many)
    expect(there.moves[1_000]).toEqual({ user: 'alice', seq: 1, change: undefined })
    expect(here.bus.figures.dropped).toBe(0)
  })

  test('says that wakes may be lost when the server is back, and carries what was published meanwhile', async () => {
    await using here = node('a')
    await using there = node('b')
    await connected(here, there)
    const before = there.missed('alice')
    await server.stop('immediate')
    await expect.poll(() => there.bus.figures.isConnected).toBe(false)
    here.wake.publish([arrival('alice', 1)])
    await expect.poll(() => here.bus.figures.waiting).toBe(1)
    await server.start()
    await expect.poll(() => there.missed('alice')).toBeGreaterThan(before)
    await connected(here, there)
    here.wake.publish([arrival('alice', 2)])
    await expect.poll(() => there.moves.at(-1)?.seq).toBe(2)
    expect(there.interruptions.length).toBeGreaterThan(0)
  })

  test('gives up a connection that carries nothing any more, and makes another', async () => {
    await using proxy = await startStallingProxy(server.port)
    const url = server.url('postgres').replace(String(server.port), String(proxy.port))
    await using here = node('a')
    await using there = startNode('b', new NotifyBus({ url, patienceMs: 200 }))
    await connected(here, there)
    proxy.stall()
    await expect.poll(() => there.interruptions.length).toBeGreaterThan(0)
    const before = there.missed('alice')
    proxy.flow()
    await expect.poll(() => there.missed('alice')).toBeGreaterThan(before)
    await connected(there)
    here.wake.publish([arrival('alice', 1)])
    await expect.poll(() => there.moves.length).toBe(1)
  })

  test('passes over what is no message, and what it does not know', async () => {
    await using there = node('b')
    await connected(there)
    const client = new Client({ connectionString: server.url('postgres') })
    await client.connect()
    const known = { v: 1, node: 'a', at: Date.now(), kind: 'wake' }
    const texts = [
      '',
      'rubbish',
      '{"v":1}',
      JSON.stringify({ ...known, body: { moves: 7 } }),
      JSON.stringify({ ...known, kind: 'unheard of', body: {} }),
      JSON.stringify({
        ...known,
        body: { contents: [], moves: [{ user: 'x', seq: 1 }], buckets: [] },
      }),
    ]
    for (const text of texts) await client.query('SELECT pg_notify($1, $2)', ['posthorn', text])
    await client.end()
    await expect.poll(() => there.moves.length).toBe(1)
    expect(there.bus.figures).toMatchObject({ received: 6, rubbish: 4 })
  })

  test('closes while there is no server', async () => {
    await using alone = startNode('a', new NotifyBus({ url: 'postgres://127.0.0.1:1/none' }))
    await expect.poll(() => alone.interruptions.length).toBe(1)
    alone.wake.publish([arrival('alice', 1)])
  })
})
