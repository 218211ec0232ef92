import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type * as z from 'zod/mini'
import { InboxList } from '../../src/protocol/inbox.js'
import { Problem } from '../../src/protocol/problem.js'
import { tokenFor, type Api } from '../harness.js'
import { runCommand, ServiceProcess } from '../process.js'
import { expectSound, Ledger, readiness, untilReadiness } from './ledger.js'
import { canMount, SmallDisk } from './small-disk.js'

/** No entry goes for want of room in an inbox. */
const ROOMY = { INBOX_LIMIT: '100000' }

const FULL = { status: 507, code: 'storage_full', retryAfter: '1' }

/** Sends until the disk takes no more: the write-ahead log may have room of its own for some. */
async function sendUntilFull(ledger: Ledger, api: Api, characters: number): Promise<void> {
  let answer: Awaited<ReturnType<Ledger['send']>>
  do answer = await ledger.send(api, 'alice', { characters })
  while (answer === undefined)
  expect(answer).toEqual(FULL)
}

/** Writes ever less until not even the smallest write has room: an acknowledgement that says nothing new. */
async function writeUntilFull(disk: SmallDisk, ledger: Ledger, api: Api): Promise<void> {
  await sendUntilFull(ledger, api, 8_000)
  disk.fill()
  await sendUntilFull(ledger, api, 10)
  const token = await tokenFor('alice')
  const { epoch } = await listed(api)
  const body = { device: 'phone', seq: 2, epoch }
  let answer: Response
  do answer = await api.request('/v1/inbox/ack', { method: 'POST', token, body })
  while (answer.status === 200)
  expect(Problem.parse(await answer.json())).toMatchObject({ status: 507, code: 'storage_full' })
}

async function listed(api: Api): Promise<z.infer<typeof InboxList>> {
  const response = await api.request('/v1/inbox?limit=100', { token: await tokenFor('alice') })
  return InboxList.parse(await response.json())
}

test.skipIf(!canMount).each(['another program', 'its own writes'])(
  'a disk that %s fills refuses sends with 507, reads on, and takes them again when there is room',
  async (by) => {
    using disk = new SmallDisk()
    const ledger = new Ledger()
    await using service = await ServiceProcess.start(disk.databasePath, ROOMY)
    const { api } = service
    await ledger.sendAll(api, 'alice', 5)
    await using phone = await api.connect('alice')
    await phone.received(5)
    await phone.acknowledgeAndWait(2)
    expect(await readiness(api)).toBe('ready')

    if (by === 'another program') disk.fill()
    await writeUntilFull(disk, ledger, api)
    await untilReadiness(api, /^The disk is full\.$/)
    // Reading goes on: lists, sockets that are open, and those that come of a device that is known.
    expect((await listed(api)).unread).toBe(ledger.accepted)
    await phone.received(ledger.accepted)
    phone.acknowledge(5, 'waits')
    phone.send({ type: 'ping', id: 'still here' })
    await phone.find(({ type }) => type === 'pong')
    {
      await using again = await api.connect('alice')
      await again.first('caught_up')
      expect(again.seqs).toEqual(Array.from({ length: ledger.accepted - 2 }, (_, at) => at + 3))
    }
    await using stranger = await api.connect('alice', { device: 'new' })
    expect(await stranger.closed).toEqual({ code: 1013, reason: 'storage_full' })
    expect(phone.all('reply').map(({ id }) => id)).not.toContain('waits')

    if (by === 'another program') disk.free()
    else disk.grow(16)
    await untilReadiness(api, 'ready')
    // What waited for the disk is written without being asked for again.
    await phone.find((message) => message.type === 'reply' && message.id === 'waits')
    await ledger.sendAll(api, 'alice', 5)
    await phone.received(ledger.accepted)
    await ledger.expectKept(api, 'auditor')
    await service.logged('the store is in trouble: the disk is full')
    await service.logged('the store is well again')
    service.signal('SIGTERM')
    expect(await service.exited).toEqual({ code: 0, signal: null })
    expectSound(disk.databasePath)
  },
  60_000,
)

test.skipIf(!canMount)(
  'killed on a full disk, it starts and reads on there, and has everything once there is room',
  async () => {
    using disk = new SmallDisk()
    const ledger = new Ledger()
    for (const round of [1, 2]) {
      await using service = await ServiceProcess.start(disk.databasePath, ROOMY)
      if (round === 1) await ledger.sendAll(service.api, 'alice', 5)
      const { unread } = await listed(service.api)
      expect(unread).toBeGreaterThanOrEqual(ledger.accepted)
      expect(unread).toBeLessThanOrEqual(ledger.accepted + ledger.unanswered)
      // Killed while others are under way.
      const storm = Array.from({ length: 8 }, () => sendUntilFull(ledger, service.api, 8_000))
      await Promise.any(storm)
      await service.kill()
      await Promise.allSettled(storm)
      disk.fill()
    }
    disk.free()
    disk.grow(16)
    await using service = await ServiceProcess.start(disk.databasePath, ROOMY)
    await ledger.expectKept(service.api, 'auditor')
  },
  60_000,
)

test.skipIf(!canMount)(
  'a start on a disk without room for a new database says so, and succeeds with room',
  async () => {
    using disk = new SmallDisk()
    disk.fill()
    const environment = { DATABASE_URL: `sqlite:${disk.databasePath}`, PORT: '0' }
    const { code, errors } = await runCommand(['serve'], environment)
    expect(errors).toMatch(/^posthorn: the service can't start: .*: the disk is full/)
    expect(code).toBe(1)
    disk.free()
    await using service = await ServiceProcess.start(disk.databasePath)
    await new Ledger().sendAll(service.api, 'alice', 1)
  },
  60_000,
)

test.skipIf(!canMount)(
  'a backup to a disk without room fails with the reason, and leaves nothing',
  async () => {
    using disk = new SmallDisk()
    using target = new SmallDisk(1)
    const ledger = new Ledger()
    await using service = await ServiceProcess.start(disk.databasePath)
    for (let sent = 0; sent < 40; sent++) {
      await ledger.send(service.api, 'alice', { characters: 40_000 })
    }
    const environment = { DATABASE_URL: `sqlite:${disk.databasePath}` }
    const { code, errors } = await runCommand(['backup', join(target.path, 'copy.db')], environment)
    expect(errors).toMatch(/full/)
    expect(code).toBe(1)
    expect(readdirSync(target.path)).toEqual([])
    await ledger.expectKept(service.api, 'auditor')
  },
  60_000,
)
