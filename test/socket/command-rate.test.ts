import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { TestClient } from '../client.js'
import { startService, type TestService } from '../harness.js'

let service: TestService

beforeAll(async () => {
  service = await startService()
})
afterAll(async () => service[Symbol.asyncDispose]())

async function connected(): Promise<TestClient> {
  const client = await service.api.connect('alice')
  await client.first('caught_up')
  return client
}

function pingTimes(client: TestClient, count: number): void {
  for (let number = 1; number <= count; number++) client.send({ type: 'ping', id: `p${number}` })
}

test('answers fifty commands a second, refuses one more by its id, and goes on in the next', async () => {
  await using client = await connected()
  pingTimes(client, 51)
  const error = await client.first('error')
  expect(error).toMatchObject({ id: 'p51', payload: { code: 'rate_limited', retryable: true } })
  expect(client.all('pong')).toHaveLength(50)

  await vi.waitFor(
    async () => {
      const before = client.messages.length
      client.send({ type: 'ping', id: 'later' })
      await client.until(() => client.messages.length > before, 'an answer')
      expect(client.messages.at(-1)).toMatchObject({ type: 'pong', id: 'later' })
    },
    { timeout: 10_000, interval: 100 },
  )
})

test('does not count acknowledgements', async () => {
  await using client = await connected()
  for (let count = 0; count < 500; count++) client.acknowledge(0)
  pingTimes(client, 50)
  await client.find((message) => message.type === 'pong' && message.id === 'p50')
  expect(client.errors).toEqual([])
})

test('closes 4429 where it goes on: at the 51st that is refused within a minute', async () => {
  await using client = await connected()
  pingTimes(client, 101)
  expect(await client.closed).toEqual({ code: 4429, reason: 'rate_limited' })
  expect(client.all('pong')).toHaveLength(50)
  expect(client.errors).toHaveLength(51)
  expect(client.messages.at(-1)).toMatchObject({ type: 'error', id: 'p101' })
  await using next = await connected()
  await next.settled()
})
