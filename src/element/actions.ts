import type { Action } from './texts.js'
import type { InboxSource } from './source.js'

export interface ActionsEvents {
  /** One begins or is done. */
  changed(): void
  failed(action: Action, error: unknown): void
}

/** What the person asks of the inbox: of each notification each thing once at a time. */
export class Actions {
  readonly #events: ActionsEvents
  readonly #running = new Set<string>()

  constructor(events: ActionsEvents) {
    this.#events = events
  }

  /** `id` where it is about one notification. */
  isRunning(action: Action, id = ''): boolean {
    return this.#running.has(`${action} ${id}`)
  }

  /** Gives whether it was done; where it failed, that is told. */
  async run(action: Action, inbox: InboxSource, id = ''): Promise<boolean> {
    if (this.isRunning(action, id)) return false
    this.#running.add(`${action} ${id}`)
    this.#events.changed()
    try {
      await command(action, inbox, id)
      return true
    } catch (error) {
      this.#events.failed(action, error)
      return false
    } finally {
      this.#running.delete(`${action} ${id}`)
      this.#events.changed()
    }
  }
}

async function command(action: Action, inbox: InboxSource, id: string): Promise<unknown> {
  switch (action) {
    case 'read':
      return inbox.markRead(id)
    case 'unread':
      return inbox.markUnread(id)
    case 'archive':
      return inbox.archive(id)
    case 'readAll':
      return inbox.markRead('all')
    case 'more':
      return inbox.loadMore()
  }
}
