import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../harness.js'
import { runCommand, ServiceProcess } from '../process.js'
import { expectSound, Ledger, readiness, untilReadiness } from './ledger.js'
import { canMount, SmallDisk } from './small-disk.js'
import { canInject, Injection } from './strace.js'

const SYNCS = 'fdatasync,fsync'
const WRITES = `pwrite64,${SYNCS}`

test.skipIf(!canInject).each([
  {
    // What a file system answers that the kernel has made read-only after an error, or a snapshot.
    fault: 'a file system that has become read-only',
    calls: `${WRITES},access,faccessat,faccessat2`,
    error: 'EROFS',
    code: 'store_unavailable',
    says: 'The database is read-only.',
  },
  {
    fault: 'a disk that fails',
    calls: WRITES,
    error: 'EIO',
    code: 'store_unavailable',
    says: 'The disk answers with errors.',
  },
  {
    fault: 'a disk that fails to sync',
    calls: SYNCS,
    error: 'EIO',
    code: 'store_unavailable',
    says: 'The disk answers with errors.',
  },
  {
    fault: 'a quota that is used up',
    calls: WRITES,
    error: 'ENOSPC',
    code: 'storage_full',
    says: 'The disk is full.',
  },
])(
  '$fault: sends are refused, reading goes on, and it takes them again by itself',
  async ({ calls, error, code, says }) => {
    using folder = temporaryFolder()
    const path = join(folder.path, 'posthorn.db')
    const ledger = new Ledger()
    await using service = await ServiceProcess.start(path)
    const { api } = service
    await ledger.sendAll(api, 'alice', 5)
    await using phone = await api.connect('alice')
    await phone.received(5)
    await phone.acknowledgeAndWait(2)
    {
      await using injection = await Injection.start(service.pid, calls, `error=${error}`)
      expect(await ledger.send(api, 'alice')).toMatchObject({ code })
      expect(await readiness(api)).toBe(says)
      phone.acknowledge(5, 'waits')
      await using again = await api.connect('alice')
      await again.first('caught_up')
      expect(again.seqs).toEqual([3, 4, 5])
      expect(phone.all('reply').map(({ id }) => id)).not.toContain('waits')
      await injection.release()
    }
    await untilReadiness(api, 'ready')
    await phone.find((message) => message.type === 'reply' && message.id === 'waits')
    await ledger.sendAll(api, 'alice', 5)
    // Killed before it could tidy up: what it promised after the fault is on disk as well.
    await service.kill()
    await using next = await ServiceProcess.start(path)
    await ledger.expectKept(next.api, 'auditor')
    await next.kill()
    expectSound(path)
  },
  60_000,
)

test.skipIf(!canInject)(
  'on a disk that takes a second for each sync, sends wait, reading and sockets go on, and a kill loses nothing',
  async () => {
    using folder = temporaryFolder()
    const path = join(folder.path, 'posthorn.db')
    const ledger = new Ledger()
    await using service = await ServiceProcess.start(path)
    const { api } = service
    await ledger.sendAll(api, 'alice', 5)
    await using phone = await api.connect('alice')
    await phone.received(5)

    await using _slow = await Injection.start(service.pid, SYNCS, 'delay_enter=1000000')
    const order: string[] = []
    const sending = Promise.all(Array.from({ length: 50 }, () => ledger.send(api, 'alice'))).then(
      (answers) => {
        order.push('sent')
        return answers
      },
    )
    await expect(sending).resolves.toEqual(Array.from({ length: 50 }, () => undefined))
    const slow = ledger.send(api, 'alice').then(() => order.push('slow send'))
    phone.send({ type: 'ping', id: 'p' })
    await phone.find(({ type }) => type === 'pong')
    order.push('pong')
    await slow
    expect(order).toEqual(['sent', 'pong', 'slow send'])
    const cut = Array.from({ length: 20 }, () => ledger.send(api, 'alice'))
    await ledger.send(api, 'bob')
    await service.kill()
    await Promise.all(cut)
    await using next = await ServiceProcess.start(path)
    await ledger.expectKept(next.api, 'auditor')
  },
  60_000,
)

test.skipIf(!canInject)(
  'a disk that takes longer for a sync than readyz waits is told of there, and by no refused send',
  async () => {
    using folder = temporaryFolder()
    const ledger = new Ledger()
    await using service = await ServiceProcess.start(join(folder.path, 'posthorn.db'))
    const { api } = service
    {
      await using _slow = await Injection.start(service.pid, SYNCS, 'delay_enter=3500000')
      const sending = ledger.send(api, 'alice')
      await untilReadiness(api, /^The store does not answer: the disk is slow, or another process/)
      expect(await sending).toBeUndefined()
    }
    await untilReadiness(api, 'ready')
    await ledger.expectKept(api, 'auditor')
  },
  60_000,
)

test.skipIf(!canMount)(
  'a start on a file system that is read-only says so, and has everything when it is writable again',
  async () => {
    using disk = new SmallDisk()
    const ledger = new Ledger()
    {
      await using service = await ServiceProcess.start(disk.databasePath)
      await ledger.sendAll(service.api, 'alice', 5)
      await service.kill()
    }
    disk.remount('ro')
    const environment = { DATABASE_URL: `sqlite:${disk.databasePath}`, PORT: '0' }
    const { code, errors } = await runCommand(['serve'], environment)
    expect(errors).toMatch(
      /^posthorn: the service can't start: [^\n]*read-only file system[^\n]*\n$/,
    )
    expect(code).toBe(1)
    disk.remount('rw')
    await using service = await ServiceProcess.start(disk.databasePath)
    await ledger.expectKept(service.api, 'auditor')
  },
  60_000,
)
