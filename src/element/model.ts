import type { ReactiveControllerHost } from 'lit'
import type { NotificationEvent } from '../client/events.js'
import type { Status } from '../client/status.js'
import { Actions } from './actions.js'
import { Announcer } from './announcer.js'
import { Listening } from './listening.js'
import { Opened } from './opened.js'
import { Seen } from './seen.js'
import { statusNews } from './status-words.js'
import type { Action, Texts } from './texts.js'
import { Toasts } from './toasts.js'
import { actionFault, faultWords, Trouble } from './trouble.js'

export interface ModelOptions {
  isOpen: () => boolean
  mostToasts: () => number
  texts: () => Texts
}

/** What the element knows of its inbox, and what it does with that: everything but the drawing. */
export class Model {
  readonly #host: ReactiveControllerHost & HTMLElement
  readonly #options: ModelOptions
  readonly listening: Listening
  readonly announcer: Announcer
  readonly toasts: Toasts
  readonly trouble = new Trouble()
  readonly actions: Actions
  readonly #seen = new Seen()
  readonly #opened = new Opened()

  constructor(host: ReactiveControllerHost & HTMLElement, options: ModelOptions) {
    this.#host = host
    this.#options = options
    this.toasts = new Toasts(host)
    this.announcer = new Announcer(host, options.texts)
    this.actions = new Actions({
      changed: () => host.requestUpdate(),
      failed: (action, error) => {
        const fault = actionFault(action, error)
        // From a toast, say: the panel that is opened later has nothing to do with it.
        if (options.isOpen()) this.trouble.actionFailed(fault)
        this.announcer.say(faultWords(fault, options.texts()))
      },
    })
    this.listening = new Listening(host, {
      arrived: (event) => this.#arrived(event),
      updated: (event) => this.toasts.updated(event),
      removed: (event) => this.toasts.removed(event),
      changed: () => this.trouble.listed(),
      status: (status, before) => this.#told(status, before),
      failed: (error) => {
        this.trouble.inboxFailed(error)
        host.requestUpdate()
      },
      replaced: () => {
        this.toasts.clear()
        this.trouble.clear()
        this.#seen.clear()
        this.#opened.clear()
      },
    })
  }

  /** Asks the inbox for it, where there is a connection. */
  async run(action: Action, id?: string): Promise<void> {
    const { inbox, isOpen } = this.listening
    if (!inbox || !isOpen) return
    this.trouble.actionOver()
    await this.actions.run(action, inbox, id)
  }

  /** One is opened: it is read, from here on or from when there is a connection. */
  opened(id: string): void {
    this.#opened.add(id)
    this.markLookedAt()
  }

  /** What was opened is read, and what is on the screen of somebody who looks at it is seen. */
  markLookedAt(): void {
    const { inbox, isOpen } = this.listening
    if (inbox && isOpen) this.#opened.markRead(inbox)
    const isLookedAt = this.#options.isOpen() && document.visibilityState === 'visible'
    if (inbox && isOpen && isLookedAt) this.#seen.shown(inbox)
  }

  dismissTrouble(): void {
    this.trouble.clear()
    this.#host.requestUpdate()
  }

  #arrived({ notification, replayed, isNew }: NotificationEvent): void {
    const { readAt, archivedAt } = notification
    if (replayed || !isNew || readAt !== null || archivedAt !== null) return
    this.announcer.arrived(notification)
    if (!this.#options.isOpen()) this.toasts.show(notification, this.#options.mostToasts())
  }

  #told(status: Status, before: Status): void {
    const context = { texts: this.#options.texts(), wasOpen: this.listening.wasOpen }
    const news = statusNews(status, before, context)
    if (news !== undefined && this.#options.isOpen()) this.announcer.say(news)
  }
}
