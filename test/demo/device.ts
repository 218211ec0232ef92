import type { TestClient } from '../client.js'
import type { Api } from '../harness.js'
import type { Down } from '../../src/protocol/down/index.js'

/** Tells what happened, and to whom. */
export type Tell = (who: string, what: string) => void

/** A device of the demo's user: it acknowledges what it gets, and tells of it. */
export class Device {
  readonly name: string
  /** Titles of everything that it ever got, in order. */
  readonly received: string[] = []
  readonly #user: string
  readonly #tell: Tell
  #client: TestClient | undefined

  constructor(user: string, name: string, tell: Tell) {
    this.#user = user
    this.name = name
    this.#tell = tell
  }

  /** Connects; resolves when everything that was missed has come. */
  async connect(api: Api): Promise<void> {
    const client = await api.connect(this.#user, {
      device: this.name,
      acknowledges: true,
      onMessage: (message) => this.#take(message),
    })
    this.#client = client
    await client.first('caught_up')
  }

  /** Loses the network: no goodbye. */
  async vanish(): Promise<void> {
    await this.#client?.cut()
    this.#tell(this.name, 'gone')
  }

  /** Resolves when so many notifications have come on this connection, and the last is acknowledged on disk. */
  async settle(count: number): Promise<void> {
    const last = (await this.#client?.received(count))?.at(-1)
    if (last) await this.#client?.acknowledgeAndWait(last.payload.seq)
  }

  #take(message: Down): void {
    if (message.type === 'welcome') {
      const { cursor, latest } = message.payload
      this.#tell(this.name, `connected: has #${cursor} of ${latest}`)
    }
    if (message.type !== 'notification') return
    const { seq, replayed, notification } = message.payload
    this.received.push(notification.title ?? '')
    this.#tell(
      this.name,
      `got #${seq} "${notification.title}" ${replayed ? '(replayed)' : '(live)'}`,
    )
  }
}
