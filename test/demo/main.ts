import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { serviceToken, temporaryFolder, type Api } from '../harness.js'
import { ServiceProcess, type RunningService } from '../process.js'
import { Device, readNews, recallNews } from './device.js'
import { complaints } from './verdict.js'

// Shows by itself, in seconds, what Posthorn is for: a real service, real sockets, a real crash. Ends with 1 where any
// delivery that it expects is missing, doubled or out of order. With a `DATABASE_URL` of PostgreSQL the service is three nodes over
// that database, of which one crashes.

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

/** Where the service keeps its log, and by what names its nodes are told apart. */
interface Setting {
  nodes: readonly string[]
  environment: Record<string, string>
  /** A database that others use too has users of other runs. */
  user: string
}

function settingIn(folder: string): Setting {
  const { DATABASE_URL, BUS_URL, NOTIFY_URL } = process.env
  if (DATABASE_URL === undefined || !/^postgres(?:ql)?:/.test(DATABASE_URL)) {
    const environment = { DATABASE_URL: `sqlite:${join(folder, 'posthorn.db')}` }
    return { nodes: ['service'], environment, user: 'alice' }
  }
  const environment = {
    DATABASE_URL,
    ...(BUS_URL !== undefined && { BUS_URL }),
    ...(NOTIFY_URL !== undefined && { NOTIFY_URL }),
  }
  return { nodes: ['node-1', 'node-2', 'node-3'], environment, user: `alice-${randomUUID()}` }
}

/** The nodes that run; each of the three that take part here speaks to another one, where there are so many. */
class Nodes implements AsyncDisposable {
  readonly #setting: Setting
  readonly #running = new Map<string, RunningService>()

  constructor(setting: Setting) {
    this.#setting = setting
  }

  /** Starts what does not run. */
  async start(): Promise<void> {
    const { nodes, environment } = this.#setting
    for (const name of nodes) {
      if (this.#running.has(name)) continue
      const node = await ServiceProcess.start('', environment)
      this.#running.set(name, node)
      tell(name, `started as process ${node.pid}`)
    }
  }

  get forShop(): Api {
    return this.#at(0)
  }

  get forPhone(): Api {
    return this.#at(1)
  }

  get forLaptop(): Api {
    return this.#at(2)
  }

  /** Ends the one that the laptop speaks to. */
  async killOne(): Promise<void> {
    const name = this.#setting.nodes.at(-1) ?? ''
    await this.#running.get(name)?.kill()
    this.#running.delete(name)
    tell(name, 'killed with SIGKILL')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const node of this.#running.values()) await node[Symbol.asyncDispose]()
  }

  #at(place: number): Api {
    const running = [...this.#running.values()]
    const node = running[place % running.length]
    if (!node) throw new Error('no node runs')
    return node.api
  }
}

/** Sends one after the other; gives their ids, by their titles. */
async function sendAll(
  api: Api,
  user: string,
  titles: readonly string[],
): Promise<Map<string, string>> {
  const ids = new Map<string, string>()
  for (const title of titles) {
    const { id, seq } = await api.send(user, title)
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

async function play(setting: Setting, phone: Device, laptop: Device): Promise<void> {
  const { user } = setting
  await using nodes = new Nodes(setting)
  await nodes.start()
  await phone.connect(nodes.forPhone)
  await laptop.connect(nodes.forLaptop)
  const sent = await sendAll(nodes.forShop, user, BEFORE)
  await Promise.all([phone.settle(WRONG), laptop.settle(WRONG)])
  await phone.read(READ_TOGETHER)
  const read = readNews(READ_TOGETHER)
  await Promise.all([phone.settle(read), laptop.settle(read)])
  await phone.vanish()
  await sendAll(nodes.forShop, user, MISSED)
  await recall(nodes.forShop, WRONG, sent.get(WRONG))
  await laptop.settle(recallNews(WRONG))
  await laptop.read(READ_ALONE)
  await laptop.settle(readNews(READ_ALONE))
  await nodes.killOne()
  await laptop.vanish()
  // What is left of several nodes serves on; one that was alone comes back.
  if (setting.nodes.length === 1) await nodes.start()
  await phone.connect(nodes.forPhone)
  await laptop.connect(nodes.forLaptop)
  await sendAll(nodes.forShop, user, [AFTER])
  await Promise.all([phone.settle(AFTER), laptop.settle(AFTER)])
  await phone.vanish()
  await laptop.vanish()
}

using folder = temporaryFolder()
const setting = settingIn(folder.path)
const phone = new Device(setting.user, 'phone', tell)
const laptop = new Device(setting.user, 'laptop', tell)
const impatience = setTimeout(() => {
  console.error('the demo took too long')
  process.exit(1)
}, PATIENCE_MS)
try {
  await play(setting, phone, laptop)
} finally {
  clearTimeout(impatience)
}

const wrong = [phone, laptop].flatMap(({ name, received }) =>
  complaints({ device: name, expected: ALL, received }),
)
for (const complaint of wrong) console.error(complaint)
console.log(
  wrong.length === 0
    ? `\nEach device got all ${ALL.length}, once, in order, across a crash of ${setting.nodes.length === 1 ? 'the service' : 'one of three nodes'}: what was read on one` +
        '\nis read on the other, and what was taken back is on neither.'
    : '\nThe demo failed.',
)
process.exitCode = wrong.length === 0 ? 0 : 1
