import type * as z from 'zod/mini'
import { AckResult } from '../../src/protocol/ack.js'
import { InboxChanges, InboxCounts, InboxList } from '../../src/protocol/inbox.js'
import { MarkResult } from '../../src/protocol/mark.js'
import { Notification } from '../../src/protocol/notification.js'
import { tokenFor, type Api } from '../harness.js'

type Query = Record<string, string | number>

/** What one user asks of their inbox over HTTP; answers other than 200 fail, but for those of `ask` and `post`. */
export class AsUser {
  readonly #api: Api
  readonly #token: string

  private constructor(api: Api, token: string) {
    this.#api = api
    this.#token = token
  }

  static async of(api: Api, user: string, claims: Record<string, string> = {}): Promise<AsUser> {
    return new AsUser(api, await tokenFor(user, claims))
  }

  ask(path: string, headers: Record<string, string> = {}): Promise<Response> {
    return this.#api.request(path, { token: this.#token, headers })
  }

  post(path: string, body: unknown): Promise<Response> {
    return this.#api.request(path, { method: 'POST', token: this.#token, body })
  }

  async counts(): Promise<InboxCounts> {
    return InboxCounts.parse(await bodyOf(await this.ask('/v1/inbox/counts')))
  }

  async list(query: Query = {}): Promise<z.infer<typeof InboxList>> {
    return InboxList.parse(await bodyOf(await this.ask(`/v1/inbox?${textOf(query)}`)))
  }

  async one(id: string): Promise<Notification> {
    return Notification.parse(await bodyOf(await this.ask(`/v1/inbox/${id}`)))
  }

  async changes(query: Query): Promise<z.infer<typeof InboxChanges>> {
    return InboxChanges.parse(await bodyOf(await this.ask(`/v1/inbox/changes?${textOf(query)}`)))
  }

  async mark(body: unknown): Promise<MarkResult> {
    return MarkResult.parse(await bodyOf(await this.post('/v1/inbox/mark', body)))
  }

  async acknowledge(body: unknown): Promise<AckResult> {
    return AckResult.parse(await bodyOf(await this.post('/v1/inbox/ack', body)))
  }
}

function textOf(query: Query): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) search.set(name, String(value))
  return search.toString()
}

async function bodyOf(response: Response): Promise<unknown> {
  const text = await response.text()
  if (response.status !== 200) throw new Error(`${response.status} ${text}`)
  return JSON.parse(text)
}
