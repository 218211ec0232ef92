import { join } from 'node:path'
import { serviceToken, temporaryFolder, type Api } from '../harness.js'
import { ServiceProcess, type RunningService } from '../process.js'
import { Device, readNews, recallNews } from './device.js'
import { complaints } from './verdict.js'

// Shows by itself, in seconds, what Posthorn is for: a real service, real sockets, a real crash. Ends with 1 where any
// delivery that it expects is missing, doubled or out of order.

/** How long the whole may take before it counts as failed, in milliseconds. */
const PATIENCE_MS = 30_000

/** Read on the phone while the laptop is there … */
const READ_TOGETHER = 'Order placed'
/** … and on the laptop while the phone is away. */
const READ_ALONE = 'Payment received'
/** Both have it when the shop takes it back, which the phone is away for. */
const WRONG = 'Arrives in 1926'

const BEFORE = [READ_TOGETHER, READ_ALONE, WRONG]
const MISSED = ['Packed', 'Handed to the carrier', 'Out for delivery']
const AFTER = 'Delivered'

/** What each device is to get, in this order. */
const ALL = [
  ...BEFORE,
  readNews(READ_TOGETHER),
  ...MISSED,
  recallNews(WRONG),
  readNews(READ_ALONE),
  AFTER,
]

const begun = performance.now()

function tell(who: string, what: string): void {
  const seconds = ((performance.now() - begun) / 1000).toFixed(2)
  console.log(`${seconds.padStart(6)} s  ${who.padEnd(8)} ${what}`)
}

async function startService(databasePath: string): Promise<RunningService> {
  const service = await ServiceProcess.start(databasePath)
  tell('service', `started as process ${service.pid}`)
  return service
}

/** Sends one after the other; gives their ids, by their titles. */
async function sendAll(api: Api, titles: readonly string[]): Promise<Map<string, string>> {
  const ids = new Map<string, string>()
  for (const title of titles) {
    const { id, seq } = await api.send('alice', title)
    ids.set(title, id)
    tell('shop', `sent #${seq} "${title}": answered, so on disk`)
  }
  return ids
}

async function recall(api: Api, title: string, id: string | undefined): Promise<void> {
  const token = await serviceToken()
  const response = await api.request(`/v1/notifications/${id}`, { method: 'DELETE', token })
  if (response.status !== 200) throw new Error(`the recall was answered ${response.status}`)
  tell('shop', `took back "${title}": answered, so on disk`)
}

async function play(databasePath: string, phone: Device, laptop: Device): Promise<void> {
  {
    await using service = await startService(databasePath)
    await phone.connect(service.api)
    await laptop.connect(service.api)
    const sent = await sendAll(service.api, BEFORE)
    await Promise.all([phone.settle(WRONG), laptop.settle(WRONG)])
    await phone.read(READ_TOGETHER)
    const read = readNews(READ_TOGETHER)
    await Promise.all([phone.settle(read), laptop.settle(read)])
    await phone.vanish()
    await sendAll(service.api, MISSED)
    await recall(service.api, WRONG, sent.get(WRONG))
    await laptop.settle(recallNews(WRONG))
    await laptop.read(READ_ALONE)
    await laptop.settle(readNews(READ_ALONE))
    await service.kill()
    tell('service', 'killed with SIGKILL')
    await laptop.vanish()
  }
  await using service = await startService(databasePath)
  await phone.connect(service.api)
  await laptop.connect(service.api)
  await sendAll(service.api, [AFTER])
  await Promise.all([phone.settle(AFTER), laptop.settle(AFTER)])
  await phone.vanish()
  await laptop.vanish()
}

const phone = new Device('alice', 'phone', tell)
const laptop = new Device('alice', 'laptop', tell)
const impatience = setTimeout(() => {
  console.error('the demo took too long')
  process.exit(1)
}, PATIENCE_MS)
try {
  using folder = temporaryFolder()
  await play(join(folder.path, 'posthorn.db'), phone, laptop)
} finally {
  clearTimeout(impatience)
}

const wrong = [phone, laptop].flatMap(({ name, received }) =>
  complaints({ device: name, expected: ALL, received }),
)
for (const complaint of wrong) console.error(complaint)
console.log(
  wrong.length === 0
    ? `\nEach device got all ${ALL.length}, once, in order, across a crash of the service: what was read on one` +
        '\nis read on the other, and what was taken back is on neither.'
    : '\nThe demo failed.',
)
process.exitCode = wrong.length === 0 ? 0 : 1
