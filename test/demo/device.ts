import type { TestClient } from '../client.js'
import type { Api } from '../harness.js'
import type { Down } from '../../src/protocol/down/index.js'

/** Tells what happened, and to whom. */
export type Tell = (who: string, what: string) => void

/** What a device is to hear when an entry that it has was read elsewhere. */
export const readNews = (title: string): string => `${title}, read`

/** What a device is to hear when an entry that it has is taken back by its sender. */
export const recallNews = (title: string): string => `${title}, taken back`

/** A device of the demo's user: it acknowledges what it gets, and tells of it. */
export class Device {
  readonly name: string
  /** Everything that it ever got, in order: titles, and of what became of them `readNews` and `recallNews`. */
  readonly received: string[] = []
  /** Titles by id, so that news of an entry can be told by its name. */
  readonly #titles = new Map<string, string>()
  /** Of the last entry that it got. */
  #seq = 0
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

  /** Its user reads an entry here: marked on disk when this resolves. */
  async read(title: string): Promise<void> {
    const [id] = [...this.#titles].find(([, of]) => of === title) ?? []
    if (id === undefined) throw new Error(`${this.name} has no "${title}"`)
    this.#tell(this.name, `marks "${title}" as read`)
    await this.#client?.mark({ action: 'read', ids: [id] })
  }

  /** Resolves when it has got the last of what it is to get, and all is acknowledged on disk. */
  async settle(last: string): Promise<void> {
    await this.#client?.until(() => this.received.includes(last), last)
    await this.#client?.acknowledgeAndWait(this.#seq)
  }

  #take(message: Down): void {
    switch (message.type) {
      case 'welcome': {
        const { cursor, latest, unread } = message.payload
        return this.#tell(this.name, `connected: has #${cursor} of ${latest}, ${unread} unread`)
      }
      case 'notification': {
        const { seq, replayed, notification, unread } = message.payload
        const title = notification.title ?? ''
        this.#titles.set(notification.id, title)
        this.#seq = seq
        return this.#got(title, `got #${seq} "${title}"`, replayed ? undefined : unread)
      }
      case 'updated': {
        const { seq, id, readAt, unread } = message.payload
        const title = this.#titles.get(id) ?? id
        this.#seq = seq
        const news = readAt === null ? `${title} is unread` : readNews(title)
        return this.#got(
          news,
          `hears #${seq}: "${title}" is ${readAt === null ? 'unread' : 'read'}`,
          unread,
        )
      }
      case 'removed': {
        const { seq, id, reason, unread } = message.payload
        const title = this.#titles.get(id) ?? id
        this.#titles.delete(id)
        this.#seq = seq
        return this.#got(recallNews(title), `drops "${title}" by #${seq}: ${reason}`, unread)
      }
      default:
    }
  }

  #got(what: string, told: string, unread: number | undefined): void {
    this.received.push(what)
    this.#tell(
      this.name,
      `${told} ${unread === undefined ? '(replayed)' : `(live, ${unread} unread)`}`,
    )
  }
}
