import Database from 'better-sqlite3'
import { expect } from 'vitest'
import * as z from 'zod/mini'
import { InboxCounts } from '../../src/protocol/inbox.js'
import { Problem } from '../../src/protocol/problem.js'
import { SendReceipt } from '../../src/protocol/send.js'
import { inspectDatabase } from '../../src/store/sqlite/inspect.js'
import { tokenFor, type Api } from '../harness.js'

export interface Refusal {
  status: number
  code: string
  retryAfter: string | null
}

/** What a service has promised: who sends through it can say afterwards whether each promise was kept. */
export class Ledger {
  /** By user, the id at each `seq` that was answered with 201. */
  readonly #promised = new Map<string, Map<number, string>>()
  /** Ids that were answered so that nothing was stored: titles of sends refused with 507, or as too many. */
  readonly #refused = new Set<string>()
  /** Refusals by their code. */
  readonly refusals = new Map<string, number>()
  readonly #tokens: { ttlSeconds: number }
  #sent = 0
  #unanswered = 0

  constructor(tokens = { ttlSeconds: 3_600 }) {
    this.#tokens = tokens
  }

  /** How many were accepted. */
  get accepted(): number {
    return [...this.#promised.values()].reduce((sum, { size }) => sum + size, 0)
  }

  /** How many got no answer: each may have been stored, or not. */
  get unanswered(): number {
    return this.#unanswered
  }

  /** Sends one; undefined where it was accepted. A request that got no answer promises nothing. */
  async send(
    api: Api,
    user: string,
    { characters = 100, ...fields }: { characters?: number; [field: string]: unknown } = {},
  ): Promise<Refusal | 'unanswered' | undefined> {
    const title = `n-${this.#sent++}`
    const body = { to: { user }, type: 'test', title, body: 'x'.repeat(characters), ...fields }
    const token = await tokenFor('shop', { scope: 'posthorn:send' }, this.#tokens)
    let response: Response
    let answer: unknown
    try {
      response = await api.post(body, { token })
      answer = await response.json()
    } catch {
      this.#unanswered += 1
      return 'unanswered'
    }
    if (response.status !== 201) {
      const { status, code } = Problem.parse(answer)
      this.refusals.set(code, (this.refusals.get(code) ?? 0) + 1)
      if (code === 'storage_full' || code === 'overloaded') this.#refused.add(title)
      return { status, code, retryAfter: response.headers.get('retry-after') }
    }
    const { seq = 0, id } = SendReceipt.parse(answer)
    const seqs = this.#promised.get(user) ?? new Map<number, string>()
    if (seqs.has(seq)) throw new Error(`${user} was given ${seq} twice`)
    this.#promised.set(user, seqs.set(seq, id))
    return undefined
  }

  /** Sends so many, one after the other; each is accepted. */
  async sendAll(api: Api, user: string, count: number): Promise<void> {
    for (let number = 0; number < count; number++) {
      const answer = await this.send(api, user)
      if (answer) throw new Error(`a send was not accepted: ${JSON.stringify(answer)}`)
    }
  }

  /** Every promise is kept: see `expectOne`. */
  async expectKept(api: Api, device: string): Promise<void> {
    for (const [user, promised] of this.#promised) {
      await expectOne(api, { user, device, promised, refused: this.#refused })
    }
  }
}

/**
 * A new device of a user gets each accepted notification once, at its seq, in order, without a gap; the counts are those of the log;
 * and nothing comes that was refused.
 */
async function expectOne(
  api: Api,
  {
    user,
    device,
    promised,
    refused,
  }: { user: string; device: string; promised: Map<number, string>; refused: Set<string> },
): Promise<void> {
  await using client = await api.connect(user, { acknowledges: true, device })
  const { payload: caughtUp } = await client.first('caught_up')
  const received = new Map(
    client.all('notification').map(({ payload }) => [payload.seq, payload.notification.id]),
  )
  const { size } = received
  const kept = [...promised].filter(([seq, id]) => received.get(seq) === id)
  expect([user, kept.length]).toEqual([user, promised.size])
  expect(client.all('gap')).toEqual([])
  expect(client.seqs).toEqual(client.seqs.map((_seq, index) => index + 1))
  expect(new Set(received.values()).size).toBe(size)
  expect(client.titles.filter((title) => refused.has(title))).toEqual([])
  expect(caughtUp.unread).toBe(size)
  const response = await api.request('/v1/inbox/counts', { token: await tokenFor(user) })
  const counts = InboxCounts.parse(await response.json())
  expect(counts).toMatchObject({ unread: size, unseen: size, latest: size })
  await client.acknowledgeAndWait(caughtUp.seq)
}

/** Nothing is torn: what `posthorn check` looks at, and no notification that nobody has. */
export function expectSound(databasePath: string): void {
  expect(inspectDatabase(databasePath)).toMatchObject({ kind: 'sound' })
  const database = new Database(databasePath, { readonly: true })
  try {
    const orphans = database
      .prepare(
        'SELECT count(*) FROM notifications WHERE id NOT IN (SELECT notification FROM inbox)',
      )
      .pluck()
      .get()
    expect(orphans).toBe(0)
  } finally {
    database.close()
  }
}

const Unready = z.object({ status: z.literal(503), detail: z.string() })

/** What `readyz` says: `ready`, or why not. */
export async function readiness(api: Api): Promise<string> {
  const response = await api.request('/readyz')
  if (response.status === 200) return 'ready'
  return Unready.parse(await response.json()).detail
}

/** Waits until `readyz` says so, by itself. */
export async function untilReadiness(api: Api, says: string | RegExp): Promise<void> {
  await expect.poll(() => readiness(api), { interval: 50 }).toMatch(says)
}
