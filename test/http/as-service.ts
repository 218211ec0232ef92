import { DeliveryList } from '../../src/protocol/deliveries.js'
import { NotificationOverview, RecallReceipt, SendReceipt } from '../../src/protocol/send.js'
import { serviceToken, type Api } from '../harness.js'

/** What a service asks over HTTP; an answer that is no 2xx fails, but for those of `ask`. */
export class AsService {
  readonly #api: Api
  readonly #token: string

  private constructor(api: Api, token: string) {
    this.#api = api
    this.#token = token
  }

  static async of(api: Api, token?: string): Promise<AsService> {
    return new AsService(api, token ?? (await serviceToken()))
  }

  ask(method: string, path: string, body?: unknown): Promise<Response> {
    return this.#api.request(path, { method, token: this.#token, body })
  }

  /** Sends a notification of the type `test`, of which `fields` say the rest. */
  async send(fields: Record<string, unknown>): Promise<SendReceipt> {
    const response = await this.ask('POST', '/v1/notifications', { type: 'test', ...fields })
    return SendReceipt.parse(await bodyOf(response))
  }

  async recall(id: string): Promise<RecallReceipt> {
    return RecallReceipt.parse(await bodyOf(await this.ask('DELETE', `/v1/notifications/${id}`)))
  }

  async overview(id: string): Promise<NotificationOverview> {
    return NotificationOverview.parse(
      await bodyOf(await this.ask('GET', `/v1/notifications/${id}`)),
    )
  }

  async deliveries(id: string): Promise<DeliveryList> {
    const path = `/v1/notifications/${id}/deliveries`
    return DeliveryList.parse(await bodyOf(await this.ask('GET', path)))
  }
}

async function bodyOf(response: Response): Promise<unknown> {
  const text = await response.text()
  if (!response.ok) throw new Error(`${response.status} ${text}`)
  return JSON.parse(text)
}
