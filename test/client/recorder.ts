import type { Inbox, NotificationEvent, Status } from '../../src/client/node.js'

/** What an inbox over a real network tells, and a way to wait for it. */
export class Recorder {
  readonly inbox: Inbox
  readonly notifications: NotificationEvent[] = []
  readonly states: string[] = []
  readonly errors: string[] = []
  /** Called after each event; the waiting look again. */
  readonly #waiting = new Set<() => void>()

  constructor(inbox: Inbox, handle: (event: NotificationEvent) => unknown = () => undefined) {
    this.inbox = inbox
    inbox.on('notification', (event) => {
      this.notifications.push(event)
      this.#look()
      return handle(event)
    })
    inbox.on('items', () => this.#look())
    inbox.on('counts', () => this.#look())
    inbox.on('error', ({ code }) => {
      this.errors.push(code)
      this.#look()
    })
    inbox.on('status', (status) => {
      this.states.push(nameOf(status))
      this.#look()
    })
  }

  get titles(): (string | null)[] {
    return this.notifications.map(({ notification }) => notification.title)
  }

  get seqs(): number[] {
    return this.notifications.map(({ notification }) => notification.seq)
  }

  /** Resolves when it is so, after an event or at once. */
  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await new Promise<void>((resolve) => this.#waiting.add(resolve))
  }

  live(): Promise<void> {
    return this.until(() => nameOf(this.inbox.status) === 'live')
  }

  received(count: number): Promise<void> {
    return this.until(() => this.notifications.length >= count)
  }

  #look(): void {
    for (const look of this.#waiting) look()
    this.#waiting.clear()
  }
}

function nameOf(status: Status): string {
  return status.state === 'open' ? status.phase : status.state
}
