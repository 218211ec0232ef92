import { randomBytes } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { NotificationOverview, SendReceipt } from '../../src/protocol/send.js'
import { Child } from './child.js'
import { Ready, type RunReport } from './messages.js'
import { compareLogs } from './oracle.js'
import { measureRounds, type ScenarioContext, type ScenarioResult } from './rounds.js'
import { startService, TemporaryFolder } from './service-process.js'
import { storedEntries } from './stored.js'
import { serviceToken } from './tokens.js'

const TOPIC = 'everybody'

/** Sends to the topic that are under way while one run is measured: they take turns, and together outlast it. */
const FAN_OUTS = 4

/** Subscribers that one request names. */
const PER_REQUEST = 1_000

/** How often it is asked how far a fan-out is, in milliseconds. */
const LOOK_MS = 50

/** Users who are sent to one by one, each on their own: none of them is subscribed. */
const LOAD = { users: 5_000, connections: 64 }

/**
 * `fan-out`: what single sends pay while a topic of 100,000 subscribers is being reached. The same service and the same
 * load are measured with fan-outs under way and, as the floor, without any. Afterwards every single notification must
 * stand in the database as in `accept`, and every fan-out once with each subscriber.
 */
export async function fanOut(context: ScenarioContext): Promise<ScenarioResult> {
  using folder = new TemporaryFolder()
  const secret = randomBytes(32).toString('base64url')
  const { subscribers } = context.effort
  const fannedOut = new Set<string>()
  let early = 0
  const measure = async () => {
    const { child, url } = await startService(folder, secret)
    await using server = child
    await using load = Child.fork('load/accept-load.ts', { url, secret, ...LOAD })
    await load.next(Ready)
    const topic = new Topic(url, await serviceToken(secret), subscribers)
    context.progress(`  subscribing ${subscribers} users`)
    await topic.subscribe()
    const around = async (run: () => Promise<RunReport>): Promise<RunReport> => {
      const ids = await Promise.all(Array.from({ length: FAN_OUTS }, () => topic.send()))
      for (const id of ids) fannedOut.add(id)
      await topic.until(ids, ({ recipients }) => recipients.stored > 0)
      const report = await run()
      const statuses = await Promise.all(ids.map(async (id) => (await topic.look(id)).status))
      await topic.until(ids, ({ status }) => status === 'stored')
      if (!statuses.includes('fanning_out')) early++
      return report
    }
    const sides = { service: { server, load, around }, floor: { server, load } }
    return await measureRounds(sides, context, folder.path)
  }
  const { accepted, violations, ...measured } = await measure()
  context.progress(`  looking for ${accepted.length} notifications and the fan-outs on disk`)
  return {
    name: 'fan-out',
    operation: `a POST for one user, answered 201, while ${FAN_OUTS} sends reach ${subscribers} subscribers each; floor: while not`,
    goal: 0.5,
    alarm: undefined,
    ...measured,
    notes:
      early === 0
        ? []
        : [`${early} runs went on when the fan-outs had ended: figures are too good`],
    violations: [
      ...violations,
      ...compareOnDisk(folder.database, accepted, fannedOut, subscribers),
    ],
  }
}

function compareOnDisk(
  database: string,
  accepted: Parameters<typeof compareLogs>[0],
  fannedOut: ReadonlySet<string>,
  subscribers: number,
): string[] {
  const stored = storedEntries(database)
  const single = stored.filter(([, , id]) => !fannedOut.has(id))
  const reached = new Map<string, Set<string>>([...fannedOut].map((id) => [id, new Set()]))
  for (const [user, , id] of stored) reached.get(id)?.add(user)
  return [
    ...compareLogs(accepted, single).map((line) => `on disk: ${line}`),
    ...[...reached]
      .filter(([, users]) => users.size !== subscribers)
      .map(([id, users]) => `on disk: the fan-out ${id} reached ${users.size} subscribers`),
    ...(stored.length === single.length + fannedOut.size * subscribers
      ? []
      : ['on disk: a fan-out stands twice in an inbox']),
  ]
}

/** The topic that is fanned out to, as a service sees it. */
class Topic {
  readonly #url: string
  readonly #headers: Record<string, string>
  readonly #subscribers: number

  constructor(url: string, token: string, subscribers: number) {
    this.#url = url
    this.#subscribers = subscribers
    this.#headers = { authorization: `Bearer ${token}` }
  }

  async subscribe(): Promise<void> {
    for (let from = 0; from < this.#subscribers; from += PER_REQUEST) {
      const add = Array.from({ length: PER_REQUEST }, (_, index) => `s_${from + index}`)
      await this.#ask(`/v1/topics/${TOPIC}/subscribers`, { add })
    }
  }

  /** Tells the id of what was sent. */
  async send(): Promise<string> {
    const body = { to: { topic: TOPIC }, type: 'maintenance', title: 'Back at noon' }
    return SendReceipt.parse(await this.#ask('/v1/notifications', body)).id
  }

  async look(id: string): Promise<NotificationOverview> {
    return NotificationOverview.parse(await this.#ask(`/v1/notifications/${id}`))
  }

  async until(
    ids: readonly string[],
    isThere: (overview: NotificationOverview) => boolean,
  ): Promise<void> {
    for (const id of ids) while (!isThere(await this.look(id))) await wait(LOOK_MS)
  }

  async #ask(path: string, body?: unknown): Promise<unknown> {
    const answer = await fetch(new URL(path, this.#url), {
      headers: this.#headers,
      ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
    })
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
    return answer.json()
  }
}
