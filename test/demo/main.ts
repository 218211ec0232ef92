import { join } from 'node:path'
import { temporaryFolder, type Api } from '../harness.js'
import { ServiceProcess, type RunningService } from '../process.js'
import { Device, readNews } from './device.js'
import { complaints } from './verdict.js'

// Shows by itself, in seconds, what Posthorn is for: a real service, real sockets, a real crash. Ends with 1 where any
// delivery that it expects is missing, doubled or out of order.

/** How long the whole may take before it counts as failed, in milliseconds. */
const PATIENCE_MS = 30_000

/** Read on the phone while the laptop is there … */
const READ_TOGETHER = 'Order placed'
/** … and on the laptop while the phone is away. */
const READ_ALONE = 'Payment received'

const BEFORE = [READ_TOGETHER, READ_ALONE]
const MISSED = ['Packed', 'Handed to the carrier', 'Out for delivery']
const AFTER = 'Delivered'

/** What each device is to get, in this order. */
const ALL = [...BEFORE, readNews(READ_TOGETHER), ...MISSED, readNews(READ_ALONE), AFTER]

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

async function sendAll(api: Api, titles: readonly string[]): Promise<void> {
  for (const title of titles) {
    const { seq } = await api.send('alice', title)
    tell('shop', `sent #${seq} "${title}": answered, so on disk`)
  }
}

async function play(databasePath: string, phone: Device, laptop: Device): Promise<void> {
  {
    await using service = await startService(databasePath)
    await phone.connect(service.api)
    await laptop.connect(service.api)
    await sendAll(service.api, BEFORE)
    await Promise.all([phone.settle(READ_ALONE), laptop.settle(READ_ALONE)])
    await phone.read(READ_TOGETHER)
    const read = readNews(READ_TOGETHER)
    await Promise.all([phone.settle(read), laptop.settle(read)])
    await phone.vanish()
    await sendAll(service.api, MISSED)
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
    ? `\nEach device got all ${ALL.length}, once, in order, across a crash of the service.`
    : '\nThe demo failed.',
)
process.exitCode = wrong.length === 0 ? 0 : 1
