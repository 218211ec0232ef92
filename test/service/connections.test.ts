import { expect, test, vi } from 'vitest'
import { isSqlite } from '../back-ends/database.js'
import { startService } from '../harness.js'
import { openWriter } from '../../src/store/sqlite/database.js'
import { writerOperations } from '../../src/store/sqlite/operations.js'
import { ROOMY, sendCommand } from '../store/contract/store-under-test.js'

test('closes a dead peer with 4408 and forgets it within the bounds of the heartbeat', async () => {
  await using service = await startService({
    environment: { HEARTBEAT_MS: '100' },
    limits: { pongMs: 100 },
  })
  await using alive = await service.api.connect('alice', { device: 'alive' })
  await using dead = await service.api.connect('alice', { device: 'dead' })
  await Promise.all([alive.first('caught_up'), dead.first('caught_up')])
  expect(service.connections()).toBe(2)

  // A peer that is paused answers no ping, as one whose network is gone.
  dead.socket.pause()
  await vi.waitFor(() => expect(service.connections()).toBe(1), { timeout: 5_000 })
  dead.socket.resume()
  expect((await dead.closed).code).toBe(4408)

  alive.send({ type: 'ping', id: 'still' })
  expect(await alive.first('pong')).toMatchObject({ id: 'still' })
})

test('leaves nothing of a thousand sockets that were opened and dropped', async () => {
  await using service = await startService()
  const { api } = service
  for (let batch = 0; batch < 10; batch++) {
    const clients = await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        api.connect(`user-${index % 7}`, { device: `device-${index}` }),
      ),
    )
    await Promise.all(clients.map((client) => client.first('caught_up')))
    expect(service.connections()).toBe(100)
    // Half of them say goodbye, half are cut.
    await Promise.all(clients.map((client, index) => (index % 2 ? client.close() : client.cut())))
    await vi.waitFor(() => expect(service.connections()).toBe(0))
  }
  await api.send('user-1', 'to nobody')
})

test.runIf(isSqlite())('finds by itself what no wake told of', async () => {
  await using service = await startService({ limits: { lookMs: 50 } })
  await using client = await service.api.connect('alice')
  await client.first('caught_up')
  // Another's write to the same file: no wake of it reaches this one.
  const elsewhere = openWriter(service.databasePath)
  const { send } = writerOperations(elsewhere, ROOMY)
  elsewhere.transaction(() => send(sendCommand('alice', { title: 'from elsewhere' }))).immediate()
  elsewhere.close()
  await client.received(1)
  expect(client.titles).toEqual(['from elsewhere'])
})
