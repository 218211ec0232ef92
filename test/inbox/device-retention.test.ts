import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { LiveConnection } from '../../src/inbox/live.js'
import { retain } from '../../src/inbox/retention.js'
import { InProcessWake } from '../../src/inbox/wake.js'
import { SqliteStore } from '../../src/store/sqlite/store.js'
import { temporaryFolder } from '../harness.js'
import {
  acknowledgeAll,
  devicesOf,
  NOW,
  open as openDevice,
  sendTo,
} from '../store/contract/people-fixture.js'

const DAY = 24 * 60 * 60 * 1000

test('devices that were not seen for the retention time go with what was delivered to them; one that is connected stays', async () => {
  using folder = temporaryFolder()
  const store = await SqliteStore.open(join(folder.path, 'posthorn.db'), { inboxLimit: 1_000 })
  const id = await sendTo(store, 'alice', 'a', { at: NOW + 40 * DAY })
  for (const device of ['gone', 'connected']) await openDevice(store, 'alice', device)
  await openDevice(store, 'alice', 'seen', { at: NOW + 20 * DAY })
  await openDevice(store, 'bob', 'gone')
  await acknowledgeAll(store, 'alice', 'gone', NOW)
  const connection: LiveConnection = {
    connection: 'a-connection',
    device: 'connected',
    connectedAt: NOW,
    heardAt: NOW,
  }
  const pass = (now: number): Promise<void> =>
    retain({
      store,
      wake: new InProcessWake(),
      live: { connections: (user) => Promise.resolve(user === 'alice' ? [connection] : []) },
      now,
      before: now - 30 * DAY,
      isStopped: () => false,
      rest: () => Promise.resolve(),
    })

  await pass(NOW + 30 * DAY)
  expect(await devicesOf(store, 'alice')).toEqual(['gone', 'connected', 'seen'])

  await pass(NOW + 30 * DAY + 1)
  expect(await devicesOf(store, 'alice')).toEqual(['connected', 'seen'])
  expect(await devicesOf(store, 'bob')).toEqual([])
  const query = { id, at: NOW, keptAfter: 0, after: undefined, limit: 10 }
  expect((await store.deliveries(query))?.items.map(({ device }) => device)).toEqual([
    'connected',
    'seen',
  ])
  const { items } = await store.devices({
    user: 'alice',
    device: 'connected',
    after: undefined,
    limit: 1,
  })
  expect(items[0]?.lastSeenAt).toBe(NOW + 30 * DAY + 1)
  await store.close()
})
