import { join } from 'node:path'
import { expect, test } from 'vitest'
import { SendReceipt } from '../../src/protocol/send.js'
import { tokenFor, temporaryFolder, type Api } from '../harness.js'
import { ServiceProcess } from '../process.js'
import { expectSound, Ledger } from './ledger.js'
import { canFakeTime, WallClock } from './wall-clock.js'

const HOUR = 60 * 60 * 1_000

/** Good on either side of every jump. */
const forYears = { ttlSeconds: 10 * 365 * 86_400 }

const dueAt = (hours: number): string => new Date(Date.now() + hours * HOUR).toISOString()

async function sendWith(api: Api, fields: object): Promise<SendReceipt> {
  const token = await tokenFor('shop', { scope: 'posthorn:send' }, forYears)
  const body = { to: { user: 'bob' }, type: 'test', ...fields }
  const response = await api.post(body, { token })
  return SendReceipt.parse(await response.json())
}

test.skipIf(!canFakeTime)(
  'a clock that jumps a day ahead, then a day back, in the midst of sends: nothing is lost, doubled or out of order',
  async () => {
    using folder = temporaryFolder()
    const path = join(folder.path, 'posthorn.db')
    const clock = new WallClock(folder.path)
    const ledger = new Ledger(forYears)
    await using service = await ServiceProcess.start(path, clock.environment)
    const { api } = service
    const token = await tokenFor('alice', {}, forYears)
    await using phone = await api.connect('alice', { acknowledges: true, token })
    const times: number[] = []
    for (const hours of [0, 24, -24, 0]) {
      const sends = Array.from({ length: 20 }, () => ledger.send(api, 'alice'))
      await Promise.race(sends)
      clock.set(hours)
      expect(new Set(await Promise.all(sends))).toEqual(new Set([undefined]))
      const { createdAt } = await sendWith(api, {})
      times.push(Math.round((Date.parse(createdAt) - Date.now()) / HOUR) + 0)
    }
    // Each says the time that the machine told when it was sent.
    expect(times).toEqual([0, 24, -24, 0])
    await phone.received(ledger.accepted)
    expect(phone.seqs).toEqual(phone.seqs.map((_seq, index) => index + 1))
    const ids = phone.all('notification').map(({ payload }) => payload.notification.id)
    expect(new Set(ids).size).toBe(phone.seqs.length)
    await service.kill()
    await using next = await ServiceProcess.start(path)
    await ledger.expectKept(next.api, 'auditor')
    expectSound(path)
  },
  60_000,
)

test.skipIf(!canFakeTime)(
  'what has a time of its own keeps to the clock: a jump ahead ends a ttl and brings what is due, a jump back puts it off',
  async () => {
    using folder = temporaryFolder()
    const path = join(folder.path, 'posthorn.db')
    const clock = new WallClock(folder.path)
    await using service = await ServiceProcess.start(path, clock.environment)
    const { api } = service
    const token = await tokenFor('bob', {}, forYears)
    await using phone = await api.connect('bob', { acknowledges: true, token })
    await sendWith(api, { title: 'an hour', ttl: 3_600 })
    await sendWith(api, { title: 'endless' })
    await sendWith(api, { title: 'tomorrow', deliverAt: dueAt(20) })
    await sendWith(api, { title: 'next week', deliverAt: dueAt(24 * 7) })
    await phone.received(2)

    clock.set(24)
    await phone.received(3)
    await phone.until(() => phone.all('removed').length === 1, 'the end of the ttl')
    clock.set(-24)
    await sendWith(api, { title: 'yesterday', ttl: 3_600 })
    await phone.received(4)
    clock.set(0)
    // By the right clock the one of yesterday has ended; what came early is not brought again.
    await phone.until(() => phone.all('removed').length === 2, 'the end of the other ttl')
    expect(phone.titles).toEqual(['an hour', 'endless', 'tomorrow', 'yesterday'])
    expect(phone.seqs).toEqual(phone.seqs.toSorted((a, b) => a - b))
  },
  60_000,
)
