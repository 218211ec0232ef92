import { BatchResult, AcceptedItem } from '../../../src/protocol/batch.js'
import { NotificationOverview, SendReceipt } from '../../../src/protocol/send.js'
import { ask, askUntilAnswered, type Answer } from './asking.js'
import type { Context } from './context.js'
import type { Person, Sending } from './people.js'

/** What is asked for where it is not to arrive at once, or not to stay. */
export interface Terms {
  collapseKey?: string
  ttlSeconds?: number
  aheadSeconds?: number
}

/** How often it is asked how far a fan-out is, in milliseconds. */
const LOOK_MS = 250

/** Kept of what was sent, to be taken back later. */
const MAX_RECALLABLE = 1_000

/** A topic whose subscribers are known, since one thing at a time is done with it. */
export interface CrowdTopic {
  name: string
  subscribers: Set<Person>
  isBusy: boolean
}

/** The service of a crowd, which sends. */
export class Sender {
  readonly #context: Context
  readonly #token: string
  #recallable: Sending[] = []
  #sent = 0

  constructor(context: Context, token: string) {
    this.#context = context
    this.#token = token
  }

  /** To some users in one request: with a key it is sent until it is answered, without one perhaps not at all. */
  async send(people: readonly Person[], terms: Terms, isKeyed: boolean): Promise<void> {
    const sending = this.#enter(new Set(people), terms)
    const names = namesOf(people)
    const to = names.length === 1 ? { user: names[0] } : { users: names }
    await this.#post(sending, { to, ...this.#content(sending, terms) }, isKeyed)
  }

  /** To each user one, in one batch. */
  async sendBatch(people: readonly Person[]): Promise<void> {
    const { oracle } = this.#context
    const sendings = people.map((person) => this.#enter(new Set([person]), {}))
    const items = sendings.map((sending, index) => ({
      to: { user: people[index]?.name },
      ...this.#content(sending, {}),
      idempotencyKey: this.#keyOf(sending),
    }))
    for (;;) {
      const request = { method: 'POST', token: this.#token, body: { items } }
      const { json } = await askUntilAnswered(this.#context, '/v1/notifications/batch', request)
      const parsed = BatchResult.safeParse(json)
      if (!parsed.success) {
        oracle.complain('batches are taken', JSON.stringify(json))
        return
      }
      const accepted = parsed.data.results.filter((item) => 'notification' in item)
      for (const item of accepted) {
        const sending = sendings[item.index]
        if (sending) this.#accepted(sending, AcceptedItem.parse(item).notification)
      }
      if (accepted.length === items.length) return
      const refused = parsed.data.results.find(
        (item) => item.status !== 429 && item.status !== 503 && 'problem' in item,
      )
      if (refused) {
        oracle.complain('batches are taken', JSON.stringify(refused))
        return
      }
    }
  }

  /** To all who are subscribed; resolves when it has reached them. */
  async sendToTopic({ name, subscribers }: CrowdTopic): Promise<void> {
    const sending = this.#enter(new Set(subscribers), {})
    await this.#post(sending, { to: { topic: name }, ...this.#content(sending, {}) }, true, false)
    for (let status = ''; status !== 'stored' && sending.isSure;) {
      const path = `/v1/notifications/${sending.id}`
      const { json } = await askUntilAnswered(this.#context, path, { token: this.#token })
      const parsed = NotificationOverview.safeParse(json)
      if (!parsed.success) {
        this.#context.oracle.complain('what was sent is known', `${path}: ${JSON.stringify(json)}`)
        return
      }
      ;({ status } = parsed.data)
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
    }
    this.#recallable.push(sending)
  }

  /** To those who are connected now, and to nobody else. */
  async sendEphemeral({ name }: Person): Promise<void> {
    const body = { to: { user: name }, type: 'soak', title: 'ephemeral', ttl: 0 }
    const request = { method: 'POST', token: this.#token, body }
    const answer = await ask(this.#context, '/v1/notifications', request)
    if (answer) this.#expect(answer, [202, 503])
  }

  /** Takes something back that was sent a while ago. */
  async recall(): Promise<void> {
    const place = Math.floor(this.#context.random() * this.#recallable.length)
    const [sending] = this.#recallable.splice(place, 1)
    if (!sending) return
    sending.isRecalled = true
    const path = `/v1/notifications/${sending.id}`
    const request = { method: 'DELETE', token: this.#token }
    const answer = await askUntilAnswered(this.#context, path, request)
    // What has expired is taken back as well as it can be.
    this.#expect(answer, sending.expiresAt === Infinity ? [200, 202] : [200, 202, 404])
    if (answer.status === 200) sending.goneAt = performance.now()
    this.#context.oracle.count('recalls')
  }

  /** Subscribes users to a topic, and ends subscriptions. */
  async subscribe(
    topic: CrowdTopic,
    add: readonly Person[],
    remove: readonly Person[],
  ): Promise<void> {
    const path = `/v1/topics/${encodeURIComponent(topic.name)}/subscribers`
    const body = { add: namesOf(add), remove: namesOf(remove) }
    const answer = await askUntilAnswered(this.#context, path, {
      method: 'POST',
      token: this.#token,
      body,
    })
    this.#expect(answer, [200])
    for (const person of add) topic.subscribers.add(person)
    for (const person of remove) topic.subscribers.delete(person)
  }

  #enter(to: Set<Person>, { collapseKey = null }: { collapseKey?: string | null }): Sending {
    const title = `${this.#context.options.name}-${++this.#sent}`
    const sending: Sending = {
      title,
      to,
      collapseKey,
      isSure: false,
      id: undefined,
      arrivedSeq: undefined,
      expiresAt: Infinity,
      isRecalled: false,
      goneAt: Infinity,
    }
    this.#context.book.set(title, sending)
    for (const person of to) person.sendings.add(sending)
    return sending
  }

  #content({ title }: Sending, { collapseKey, ttlSeconds, aheadSeconds }: Terms): object {
    return {
      type: 'soak',
      title,
      body: 'x'.repeat(Math.floor(this.#context.random() * 600)),
      ...(collapseKey !== undefined && { collapseKey }),
      ...(ttlSeconds !== undefined && { ttl: Math.ceil(ttlSeconds) }),
      ...(aheadSeconds !== undefined && {
        deliverAt: new Date(Date.now() + aheadSeconds * 1_000).toISOString(),
      }),
    }
  }

  async #post(
    sending: Sending,
    body: object,
    isKeyed: boolean,
    isRecallable = true,
  ): Promise<void> {
    const headers = isKeyed ? { 'idempotency-key': this.#keyOf(sending) } : {}
    const request = { method: 'POST', token: this.#token, body, headers }
    const answer = isKeyed
      ? await askUntilAnswered(this.#context, '/v1/notifications', request)
      : await ask(this.#context, '/v1/notifications', request)
    if (!answer || (!isKeyed && (answer.status === 503 || answer.status === 429))) return
    this.#expect(answer, [201, 202])
    const receipt = SendReceipt.safeParse(answer.json)
    if (!receipt.success) return
    this.#accepted(sending, receipt.data)
    if (isRecallable) this.#recallable.push(sending)
    if (this.#recallable.length > MAX_RECALLABLE) this.#recallable.shift()
  }

  #accepted(sending: Sending, { id, seq, expiresAt }: SendReceipt): void {
    const { oracle } = this.#context
    if (sending.id !== undefined && sending.id !== id) {
      oracle.complain(
        'what was sent once is stored once',
        `${sending.title} is ${sending.id} and ${id}`,
      )
    }
    sending.id = id
    sending.arrivedSeq = seq
    sending.expiresAt = expiresAt === null ? Infinity : Date.parse(expiresAt)
    if (!sending.isSure) oracle.count('sends accepted')
    sending.isSure = true
  }

  #expect({ status, json }: Answer, allowed: readonly number[]): void {
    if (allowed.includes(status)) return
    this.#context.oracle.complain('requests are answered', `${status}: ${JSON.stringify(json)}`)
  }

  #keyOf({ title }: Sending): string {
    return `soak ${title}`
  }
}

function namesOf(people: readonly Person[]): string[] {
  return people.map(({ name }) => name)
}
