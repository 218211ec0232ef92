import { createClient } from '@redis/client'
import { describe, expect, test } from 'vitest'
import { Quotas } from '../../src/auth/quotas.js'
import { sharedCounters } from '../../src/auth/shared-allowance.js'
import { findRedis, startRedis } from '../redis.js'

const program = findRedis()

describe.skipIf(program === undefined)('requests that several nodes count together', () => {
  /** Two nodes at 1 request a second: 10 in 10 seconds. */
  async function twoNodes(url: string) {
    const clients = [1, 2].map(() => {
      const client = createClient({ url, socket: { reconnectStrategy: 10 } })
      client.on('error', () => undefined)
      return client
    })
    await Promise.all(clients.map((client) => client.connect()))
    const settings = { userRequestsPerSecond: 1, serviceRequestsPerSecond: undefined }
    const quotas = clients.map(
      (client) => new Quotas(settings, sharedCounters({ client: client, prefix: 'test' })),
    )
    /** What is left of the requests of a user after one more. */
    const ask = async (node: 0 | 1, user: string, requests = 1) =>
      quotas[node]?.take({ ...alice, user }, requests)
    return { clients, ask }
  }
  const alice = {
    kind: 'user' as const,
    user: 'alice',
    issuer: '',
    device: undefined,
    topics: [],
    expiresAt: 0,
    identity: { token: undefined, user: undefined, issuedAt: undefined },
  }

  test('what one has let pass the other does not, all or nothing', async () => {
    await using redis = await startRedis(program ?? '')
    const { clients, ask } = await twoNodes(redis.url)
    expect(await ask(0, 'alice', 6)).toMatchObject({ isTooMuch: false, remaining: 4 })
    expect(await ask(1, 'alice', 5)).toMatchObject({ isTooMuch: true, remaining: 4 })
    expect(await ask(1, 'alice', 4)).toMatchObject({ isTooMuch: false, remaining: 0, max: 10 })
    expect(await ask(0, 'alice')).toMatchObject({ isTooMuch: true, remaining: 0 })
    expect(await ask(0, 'bob')).toMatchObject({ isTooMuch: false, remaining: 9 })
    for (const client of clients) client.destroy()
  })

  test.each(['stopped', 'held up'])('with Redis %s each counts by itself, soon', async (how) => {
    await using redis = await startRedis(program ?? '')
    const { clients, ask } = await twoNodes(redis.url)
    expect(await ask(0, 'alice', 10)).toMatchObject({ isTooMuch: false, remaining: 0 })
    if (how === 'stopped') await redis.stop()
    else redis.pause()
    const began = performance.now()
    expect(await ask(0, 'alice', 10)).toMatchObject({ isTooMuch: false, remaining: 0 })
    expect(await ask(0, 'alice')).toMatchObject({ isTooMuch: true })
    expect(await ask(1, 'alice')).toMatchObject({ isTooMuch: false, remaining: 9 })
    // A wait for each node, not for each request.
    expect(performance.now() - began).toBeLessThan(1_000)
    if (how === 'stopped') await redis.start()
    else redis.resume()
    await expect
      .poll(
        async () => (await ask(1, 'carol'))?.isTooMuch === false && (await redis.ask('KEYS', '*')),
      )
      .toContainEqual(expect.stringContaining('carol'))
    for (const client of clients) client.destroy()
  })
})
