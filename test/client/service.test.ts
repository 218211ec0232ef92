import { join } from 'node:path'
import { expect, test } from 'vitest'
import { connect, fileStorage, type ConnectOptions, type Inbox } from '../../src/client/node.js'
import { DeviceList } from '../../src/protocol/devices.js'
import { deferred } from '../deferred.js'
import { startService, temporaryFolder, tokenFor, type Api } from '../harness.js'
import { ServiceProcess } from '../process.js'
import { Doorway } from './doorway.js'
import { Recorder } from './recorder.js'

function open(url: string, storage: string, more: Partial<ConnectOptions> = {}): Inbox {
  return connect({
    url,
    token: () => tokenFor('alice'),
    device: 'phone',
    storage: fileStorage(storage),
    ...more,
  })
}

/** Resolves when the service has the device's cursor there, on disk. */
async function cursorAt(api: Api, seq: number): Promise<void> {
  for (;;) {
    const response = await api.request('/v1/devices', { token: await tokenFor('alice') })
    const { items } = DeviceList.parse(await response.json())
    if (items.some(({ device, cursor }) => device === 'phone' && cursor === seq)) return
  }
}

test('receives live, acknowledges to disk, and comes back to a service that was restarted', async () => {
  using folder = temporaryFolder()
  const storage = join(folder.path, 'client', 'position.json')
  const first = await startService({ folder: folder.path })
  await using doorway = await Doorway.open(first.url)
  await using inbox = open(doorway.url, storage)
  const client = new Recorder(inbox)
  await client.live()
  await first.api.sendMany('alice', 3)
  await client.received(3)
  expect(client.notifications.map(({ replayed, isNew }) => [replayed, isNew])).toEqual(
    Array.from({ length: 3 }, () => [false, true]),
  )
  await cursorAt(first.api, 3)
  await first.close()
  await client.until(() => client.states.includes('waiting'))

  await using second = await startService({ folder: folder.path })
  doorway.leadTo(second.url)
  await second.api.sendMany('alice', 3, 4)
  await client.received(6)
  expect(client.seqs).toEqual([1, 2, 3, 4, 5, 6])
  expect(client.inbox.items().map(({ title }) => title)).toEqual(['6', '5', '4', '3', '2', '1'])
  await cursorAt(second.api, 6)
})

test('goes on in a new process where the one before stopped, marked as replayed', async () => {
  using folder = temporaryFolder()
  const storage = join(folder.path, 'position.json')
  await using service = await startService()
  const before = new Recorder(open(service.url, storage))
  await before.live()
  await service.api.sendMany('alice', 2)
  await before.received(2)
  await before.inbox.close()
  await service.api.sendMany('alice', 2, 3)
  await using inbox = open(service.url, storage)
  const after = new Recorder(inbox)
  await after.live()
  await after.received(2)
  expect(
    after.notifications.map(({ notification, replayed }) => [notification.title, replayed]),
  ).toEqual([
    ['3', true],
    ['4', true],
  ])
  // What this process was not handed it has from the list.
  await after.until(() => after.inbox.items().length === 4)
})

test('marks, and sees on one device what another has read', async () => {
  using folder = temporaryFolder()
  await using service = await startService()
  await using phone = open(service.url, join(folder.path, 'phone.json'))
  await using laptop = open(service.url, join(folder.path, 'laptop.json'), { device: 'laptop' })
  const onPhone = new Recorder(phone)
  const onLaptop = new Recorder(laptop)
  await Promise.all([onPhone.live(), onLaptop.live()])
  const [receipt] = await service.api.sendMany('alice', 3)
  await Promise.all([onPhone.received(3), onLaptop.received(3)])
  expect(await phone.markRead(receipt?.id ?? '')).toMatchObject({ updated: 1, unread: 2 })
  await onLaptop.until(() => laptop.counts?.unread === 2)
  expect(laptop.items().filter(({ readAt }) => readAt !== null)).toHaveLength(1)
  expect(await laptop.markRead('all')).toMatchObject({ updated: 2, unread: 0 })
  await onPhone.until(() => phone.counts?.unread === 0)
  await expect(phone.subscribe('news')).rejects.toMatchObject({ code: 'topic_not_allowed' })
})

test('sends a fresh token on the open connection before the old one ends', async () => {
  using folder = temporaryFolder()
  await using service = await startService()
  let asked = 0
  const askedAgain = deferred<void>()
  await using inbox = open(service.url, join(folder.path, 'position.json'), {
    token: () => {
      if (++asked === 2) askedAgain.resolve()
      return tokenFor('alice', {}, { ttlSeconds: asked === 1 ? 30 : 3_600 })
    },
  })
  const client = new Recorder(inbox)
  await client.live()
  // The service warns at once of a token that has less than a minute.
  await askedAgain.promise
  await service.api.send('alice', 'after')
  await client.received(1)
  expect(client.states).toEqual(['replaying', 'live'])
  expect(client.errors).toEqual([])
})

test('asks for another token where one is refused, and gives up where the device is not its own', async () => {
  using folder = temporaryFolder()
  await using service = await startService()
  let asked = 0
  await using inbox = open(service.url, join(folder.path, 'position.json'), {
    token: () => (++asked === 1 ? 'no token at all' : tokenFor('alice')),
  })
  const client = new Recorder(inbox)
  await client.live()
  expect([asked, client.states]).toEqual([2, ['waiting', 'connecting', 'replaying', 'live']])

  await using stranger = open(service.url, join(folder.path, 'other.json'), {
    token: () => tokenFor('alice', { device: 'laptop' }),
  })
  const other = new Recorder(stranger)
  await other.until(() => stranger.status.state === 'closed')
  const why = { by: 'service', code: 4403, reason: 'device_not_allowed' }
  expect(stranger.status).toEqual({ state: 'closed', why })
  await other.until(() => other.errors.length > 0)
  expect(other.errors).toEqual(['device_not_allowed'])
})

test('hands over everything that was accepted, none twice, while the service is killed again and again', async () => {
  using folder = temporaryFolder()
  const databasePath = join(folder.path, 'posthorn.db')
  const storage = join(folder.path, 'position.json')
  const accepted: string[] = []
  const handed: string[] = []
  let service = await ServiceProcess.start(databasePath)
  await using doorway = await Doorway.open(service.api.url)
  const { url } = doorway
  try {
    for (let round = 1; round <= 4; round++) {
      // Every other round the client begins anew, with what its storage has; else it lives through the kill.
      await using inbox = open(url, storage)
      const client = new Recorder(inbox, async ({ notification }) => {
        await new Promise((resolve) => setImmediate(resolve))
        handed.push(notification.id)
      })
      const posting = postUntilKilled(service.api, accepted)
      await client.received(60)
      await service.kill()
      await posting
      await client.until(() => inbox.status.state === 'waiting')
      service = await ServiceProcess.start(databasePath)
      doorway.leadTo(service.api.url)
      if (round % 2 === 0) await client.live()
    }
    await using inbox = open(url, storage)
    const client = new Recorder(inbox, ({ notification }) => void handed.push(notification.id))
    await client.live()
    const { id } = await service.api.send('alice', 'the last')
    await client.until(() => handed.includes(id))
  } finally {
    await service[Symbol.asyncDispose]()
  }
  expect(new Set(handed).size).toBe(handed.length)
  const had = new Set(handed)
  expect(accepted.filter((id) => !had.has(id))).toEqual([])
  expect(accepted.length).toBeGreaterThan(200)
}, 120_000)

/** Posts until nobody answers; notes what was answered. */
async function postUntilKilled(api: Api, accepted: string[]): Promise<void> {
  const post = async (): Promise<void> => {
    try {
      for (;;) accepted.push((await api.send('alice', 'a promise')).id)
    } catch {
      // Killed in mid-request: whether that one was stored is open.
    }
  }
  await Promise.all([post(), post(), post()])
}
