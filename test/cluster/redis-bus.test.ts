import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bucketOf } from '../../src/cluster/buckets.js'
import { RedisBus } from '../../src/cluster/redis-bus.js'
import { findRedis, startRedis, type RedisServer } from '../redis.js'
import { arrival, connected, startNode, type Node } from './nodes.js'
import { startStallingProxy } from './stalling-proxy.js'

const program = findRedis()

describe.skipIf(program === undefined).each([
  { what: 'a server', clustered: false },
  { what: 'a cluster', clustered: true },
])('over the pub/sub of $what', ({ clustered }) => {
  let server: RedisServer

  beforeAll(async () => {
    server = await startRedis(program ?? '', { clustered, ...(!clustered && { password: 'p/w' }) })
  })
  afterAll(() => server[Symbol.asyncDispose]())

  const node = (name: string, users: readonly string[] = []): Node =>
    startNode(name, new RedisBus({ url: server.url }), users)

  test('a move reaches the nodes that follow its user, and no other', async () => {
    await using here = node('a')
    await using there = node('b', ['alice'])
    await using elsewhere = node('c')
    await connected(here, there, elsewhere)
    await expect.poll(() => there.missed('alice')).toBeGreaterThan(0)
    here.wake.publish([arrival('alice', 1)])
    await expect.poll(() => there.moves).toEqual([arrival('alice', 1)])
    here.bus.send({ name: 'wake' }, 'all', { contents: [], moves: [], buckets: [] })
    await expect.poll(() => elsewhere.bus.figures.received).toBe(1)
    expect(elsewhere.moves).toEqual([])
    there.wake.unfollow('alice')
    here.wake.publish([arrival('alice', 2)])
    here.bus.send({ name: 'wake' }, 'all', { contents: [], moves: [], buckets: [bucketOf('x')] })
    await expect.poll(() => there.missed('x')).toBeGreaterThan(0)
    expect(there.moves).toHaveLength(1)
  })

  test('says when it has begun to listen: what came before may be lost', async () => {
    await using there = node('b')
    await connected(there)
    there.wake.follow('alice')
    const before = there.missed('alice')
    const others = there.missed('bob')
    await expect.poll(() => there.missed('alice')).toBe(before + 1)
    expect(there.missed('bob')).toBe(others)
  })

  test('a thousand users of one group come, content of 64 KiB by its user alone', async () => {
    const users = Array.from({ length: 1_000 }, (_, index) => `user ${index} é`)
    await using here = node('a')
    await using there = node('b', users)
    await connected(here, there)
    await expect.poll(() => users.every((user) => there.missed(user) > 0)).toBe(true)
    const large = arrival('user 0 é', 4, JSON.stringify({ body: 'x'.repeat(64 * 1024) }))
    here.wake.publish([...users.map((user) => arrival(user, 3)), large])
    await expect.poll(() => there.moves.length).toBe(1_001)
    expect(new Set(there.moves.map(({ user }) => user)).size).toBe(1_000)
    expect(there.moves.find(({ seq }) => seq === 4)?.change).toBeUndefined()
    expect(there.moves.filter(({ change }) => change?.kind === 'arrived')).toHaveLength(1_000)
  })

  test('says that wakes may be lost when the server is back, and carries what comes then', async () => {
    await using here = node('a')
    await using there = node('b', ['alice'])
    await connected(here, there)
    await expect.poll(() => there.missed('alice')).toBeGreaterThan(0)
    const before = there.missed('alice')
    await server.stop()
    here.wake.publish([arrival('alice', 1)])
    await expect.poll(() => here.interruptions.length).toBeGreaterThan(0)
    await server.start()
    await expect.poll(() => there.missed('alice')).toBeGreaterThan(before)
    await connected(here, there)
    here.wake.publish([arrival('alice', 2)])
    await expect.poll(() => there.moves.at(-1)?.seq).toBe(2)
    expect(String(here.interruptions)).not.toContain('p/w')
  })

  test.skipIf(clustered)(
    'gives up a connection that carries nothing any more, and makes another',
    async () => {
      await using proxy = await startStallingProxy(server.port)
      const url = server.url.replace(String(server.port), String(proxy.port))
      await using here = node('a')
      await using there = startNode('b', new RedisBus({ url, patienceMs: 200 }), ['alice'])
      await connected(here, there)
      proxy.stall()
      await expect.poll(() => there.interruptions.length).toBeGreaterThan(0)
      const before = there.missed('alice')
      proxy.flow()
      await expect.poll(() => there.missed('alice')).toBeGreaterThan(before)
      await connected(there)
      here.wake.publish([arrival('alice', 1)])
      await expect.poll(() => there.moves.length).toBe(1)
    },
  )

  test('passes over what is no message', async () => {
    await using there = node('b', ['alice'])
    await connected(there)
    await expect.poll(() => there.missed('alice')).toBeGreaterThan(0)
    const publish = clustered ? 'SPUBLISH' : 'PUBLISH'
    await server.ask(publish, `posthorn:${bucketOf('alice') % 256}`, 'rubbish')
    await expect.poll(() => there.bus.figures.rubbish).toBe(1)
  })
})

test('closes while there is no server', async () => {
  await using alone = startNode('a', new RedisBus({ url: 'redis://127.0.0.1:1' }), ['alice'])
  await expect.poll(() => alone.interruptions.length).toBe(1)
  alone.wake.publish([arrival('alice', 1)])
})
