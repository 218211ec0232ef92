import { Delivery, DeliveryList } from '../../src/protocol/deliveries.js'
import { InboxChanges, InboxCounts, InboxList } from '../../src/protocol/inbox.js'
import { MarkResult, type MarkPayload } from '../../src/protocol/mark.js'
import { SendReceipt } from '../../src/protocol/send.js'
import type { ConnectOptions } from '../client.js'
import { serviceToken, tokenFor, type Api } from '../harness.js'
import type { Host } from './host.js'
import { Line } from './line.js'
import type { ModelFilter } from './log.js'
import type { Model } from './model.js'
import { USERS, type Slot, type UserName } from './names.js'
import { expectSame } from '../expectations.js'

const SERVICE_TOKEN = await serviceToken('posthorn:send posthorn:read posthorn:users')

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
      alice: await tokenFor(`${name}-alice`),
      bob: await tokenFor(`${name}-bob`),
    }
    const world = new World(host, name, await host.running(), tokens)
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

  /** Asks for a notification to be stored, whatever is answered. */
  post(users: readonly UserName[], title: string, key?: string): Promise<Response> {
    const [only, ...more] = users.map((user) => this.nameOf(user))
    const to = more.length === 0 ? { user: only } : { users: [only, ...more] }
    const headers = key === undefined ? {} : { 'idempotency-key': `${this.#name} ${key}` }
    return this.#api.post({ to, type: 'test', title }, { token: SERVICE_TOKEN, headers })
  }

  async send(users: readonly UserName[], title = this.nextTitle()): Promise<SendReceipt> {
    const response = await this.post(users, title)
    expectSame(response.status, 201, 'status')
    return SendReceipt.parse(await response.json())
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

  async deliveries(id: string): Promise<Delivery[]> {
    const path = `/v1/notifications/${id}/deliveries?limit=100`
    const response = await this.#api.request(path, { token: SERVICE_TOKEN })
    return DeliveryList.parse(await response.json()).items
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

  async #ask(user: UserName, path: string): Promise<unknown> {
    const response = await this.#api.request(path, { token: this.#tokens[user] })
    expectSame(response.status, 200, 'status')
    return response.json()
  }
}
