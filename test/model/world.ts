import * as z from 'zod/mini'
import { BatchResult } from '../../src/protocol/batch.js'
import { Delivery, DeliveryList } from '../../src/protocol/deliveries.js'
import { InboxChanges, InboxCounts, InboxList } from '../../src/protocol/inbox.js'
import { MarkResult, type MarkPayload } from '../../src/protocol/mark.js'
import { NotificationOverview, SendReceipt } from '../../src/protocol/send.js'
import type { ConnectOptions } from '../client.js'
import type { Api } from '../harness.js'
import type { Host } from './host.js'
import { Line } from './line.js'
import { PLAIN, type Model, type ModelTarget, type Terms } from './model.js'
import { USERS, type Slot, type UserName } from './names.js'
import { OTHER_SERVICE_TOKEN, SERVICE_TOKEN, userToken } from './tokens.js'
import type { ModelFilter } from './state.js'
import { expectSame } from '../expectations.js'

const DeviceCount = z.object({ items: z.array(z.unknown()) })

/** What is asked for where it is not to arrive at once, or not to be sent again. */
interface Sending {
  terms?: Terms
  /** In milliseconds since 1970. */
  deliverAt?: number
  idempotencyKey?: string
}

/** The service under test as one run sees it: with users of its own, and the connections that it has made. */
export class World {
  readonly host: Host
  readonly lines = new Map<Slot, Line>()
  readonly epochs = new Map<UserName, string>()
  readonly #name: string
  readonly #tokens: Record<UserName, string>
  #api: Api
  #titles = 0

  private constructor(host: Host, name: string, api: Api, tokens: Record<UserName, string>) {
    this.host = host
    this.#name = name
    this.#api = api
    this.#tokens = tokens
  }

  /** `name` stands in the name of each user, so that runs share a service and nothing else. */
  static async begin(host: Host, name: string): Promise<World> {
    const tokens = {
      alice: await userToken(`${name}-alice`),
      bob: await userToken(`${name}-bob`),
    }
    const world = new World(host, name, await host.begin(), tokens)
    for (const user of USERS) world.epochs.set(user, (await world.counts(user)).epoch)
    return world
  }

  /** The service came back, perhaps elsewhere. */
  async back(): Promise<void> {
    this.lines.clear()
    this.#api = await this.host.running()
  }

  nameOf(user: UserName): string {
    return `${this.#name}-${user}`
  }

  nextTitle(): string {
    this.#titles += 1
    return `n${this.#titles}`
  }

  connect(user: UserName, options: ConnectOptions): Promise<Line> {
    const name = `${user}'s ${options.device}`
    return Line.connect(this.#api.url, name, { token: this.#tokens[user], ...options })
  }

  line(slot: Slot): Line {
    const line = this.lines.get(slot)
    if (!line) throw new Error(`there is no connection ${slot}`)
    return line
  }

  /** A topic that only this run knows. */
  topicOf(topic: string): string {
    return `${this.#name}/${topic}`
  }

  /** Asks for a notification to be taken, whatever is answered. */
  post(target: ModelTarget, title: string, sending: Sending = {}): Promise<Response> {
    const { terms = PLAIN, deliverAt, idempotencyKey } = sending
    const headers =
      idempotencyKey === undefined ? {} : { 'idempotency-key': `${this.#name} ${idempotencyKey}` }
    const at = deliverAt === undefined ? {} : { deliverAt: new Date(deliverAt).toISOString() }
    const body = { to: this.#to(target), type: 'test', title, ...terms, ...at }
    return this.#api.post(body, { token: SERVICE_TOKEN, headers })
  }

  /** Sends, and resolves with what is answered, by the status that is expected. */
  async send(
    target: ModelTarget,
    sending: Sending & { title?: string } = {},
    status = 201,
  ): Promise<SendReceipt> {
    const response = await this.post(target, sending.title ?? this.nextTitle(), sending)
    expectSame(response.status, status, 'status')
    return SendReceipt.parse(await response.json())
  }

  /** Sends in one batch, each with the same terms. */
  async batch(targets: readonly ModelTarget[], terms: Terms): Promise<SendReceipt[]> {
    const items = targets.map((target) => {
      return { to: this.#to(target), type: 'test', title: this.nextTitle(), ...terms }
    })
    const path = '/v1/notifications/batch'
    const body = { items }
    const response = await this.#api.request(path, { method: 'POST', token: SERVICE_TOKEN, body })
    expectSame(response.status, 200, 'status')
    const { results } = BatchResult.parse(await response.json())
    return results.map((result) => {
      if ('notification' in result) return result.notification
      throw new Error(`an item of a batch was refused: ${result.problem.code}`)
    })
  }

  /** Recalls as the service that sends all, or as another one. */
  recall(id: string, by: 'sender' | 'another'): Promise<Response> {
    const token = by === 'sender' ? SERVICE_TOKEN : OTHER_SERVICE_TOKEN
    return this.#api.request(`/v1/notifications/${id}`, { method: 'DELETE', token })
  }

  /** Undefined where nobody knows of it. */
  async overview(id: string): Promise<NotificationOverview | undefined> {
    const response = await this.#api.request(`/v1/notifications/${id}`, { token: SERVICE_TOKEN })
    const json: unknown = await response.json()
    if (response.status === 404) return undefined
    expectSame(response.status, 200, 'status')
    return NotificationOverview.parse(json)
  }

  /** How many devices a user has. */
  async deviceCount(user: UserName): Promise<number> {
    return DeviceCount.parse(await this.#ask(user, '/v1/devices')).items.length
  }

  /** Takes a device away, as its user or as a service; the status of the answer. */
  async removeDevice(user: UserName, device: string, by: 'user' | 'service'): Promise<number> {
    const [path, token] =
      by === 'user'
        ? [`/v1/devices/${device}`, this.#tokens[user]]
        : [`/v1/users/${this.nameOf(user)}/devices/${device}`, SERVICE_TOKEN]
    return this.#status(path, token, 'DELETE')
  }

  /** Subscribes a user to a topic, or ends that; the status of the answer. */
  async subscribe(topic: string, user: UserName, subscribes: boolean): Promise<number> {
    const path = `/v1/topics/${encodeURIComponent(this.topicOf(topic))}/subscribers/${this.nameOf(user)}`
    return this.#status(path, SERVICE_TOKEN, subscribes ? 'PUT' : 'DELETE')
  }

  async counts(user: UserName): Promise<InboxCounts> {
    return InboxCounts.parse(await this.#ask(user, '/v1/inbox/counts'))
  }

  async list(user: UserName, filter: ModelFilter, limit: number, page?: string) {
    const which = filter === 'inbox' ? '' : `&filter=${filter}`
    const rest = page === undefined ? '' : `&page=${page}`
    return InboxList.parse(await this.#ask(user, `/v1/inbox?limit=${limit}${which}${rest}`))
  }

  /** Asks for a mark over HTTP, as the user or as a service for it; undefined where it is one too many. */
  async mark(
    user: UserName,
    mark: MarkPayload,
    by: 'user' | 'service',
  ): Promise<MarkResult | undefined> {
    const [path, token] =
      by === 'user'
        ? ['/v1/inbox/mark', this.#tokens[user]]
        : [`/v1/users/${this.nameOf(user)}/inbox/mark`, SERVICE_TOKEN]
    const body = 'ids' in mark ? mark : { ...mark, epoch: this.epochs.get(user) }
    const response = await this.#api.request(path, { method: 'POST', token, body })
    const json: unknown = await response.json()
    if (response.status === 429) return undefined
    expectSame(response.status, 200, 'status')
    return MarkResult.parse(json)
  }

  changesResponse(
    user: UserName,
    query: { after: number; limit: number; epoch?: string; device?: string | undefined },
  ): Promise<Response> {
    const { after, limit, epoch = this.epochs.get(user) ?? '', device } = query
    const reader = device === undefined ? '' : `&device=${device}`
    const path = `/v1/inbox/changes?after=${after}&limit=${limit}&epoch=${epoch}${reader}`
    return this.#api.request(path, { token: this.#tokens[user] })
  }

  async changes(
    user: UserName,
    query: { after: number; limit: number; device?: string | undefined },
  ) {
    const response = await this.changesResponse(user, query)
    expectSame(response.status, 200, 'status')
    return InboxChanges.parse(await response.json())
  }

  /** Undefined where nobody knows of it. */
  async deliveries(id: string): Promise<Delivery[] | undefined> {
    const path = `/v1/notifications/${id}/deliveries?limit=100`
    const response = await this.#api.request(path, { token: SERVICE_TOKEN })
    const json: unknown = await response.json()
    if (response.status === 404) return undefined
    return DeliveryList.parse(json).items
  }

  /** Every connection has what the model says, and nothing else. */
  async settle(model: Model): Promise<void> {
    expectSame(new Set(this.lines.keys()), new Set(model.connections.keys()), 'connections')
    await Promise.all(
      [...model.connections].map(async ([slot, connection]) => {
        if (!connection.paused) await this.line(slot).expectAll(connection)
      }),
    )
  }

  /** Leaves no connection behind. */
  async end(): Promise<void> {
    await Promise.all([...this.lines.values()].map((line) => line.cut()))
  }

  #to(target: ModelTarget): object {
    if (target.kind === 'everyone') return { everyone: true }
    if (target.kind === 'topic') return { topic: this.topicOf(target.topic) }
    const [only, ...more] = target.users.map((user) => this.nameOf(user))
    return more.length === 0 ? { user: only } : { users: [only, ...more] }
  }

  async #status(path: string, token: string, method: string): Promise<number> {
    const response = await this.#api.request(path, { method, token })
    await response.arrayBuffer()
    return response.status
  }

  async #ask(user: UserName, path: string): Promise<unknown> {
    const response = await this.#api.request(path, { token: this.#tokens[user] })
    expectSame(response.status, 200, 'status')
    return response.json()
  }
}
