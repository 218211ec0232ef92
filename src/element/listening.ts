import type { ReactiveController, ReactiveControllerHost } from 'lit'
import type { InboxError } from '../client/errors.js'
import type { Counts, NotificationEvent, RemovedEvent, UpdatedEvent } from '../client/events.js'
import type { Notification } from '../client/frames.js'
import type { Status } from '../client/status.js'
import type { InboxSource } from './source.js'

export interface ListeningEvents {
  arrived(event: NotificationEvent): void
  updated(event: UpdatedEvent): void
  removed(event: RemovedEvent): void
  /** What is shown has changed. */
  changed(): void
  status(status: Status, before: Status): void
  failed(error: InboxError): void
  /** Another inbox is listened to, or none. */
  replaced(): void
}

/** What the inbox says, for as long as the element is in the document. */
export class Listening implements ReactiveController {
  readonly #host: ReactiveControllerHost & HTMLElement
  readonly #events: ListeningEvents
  #inbox: InboxSource | undefined
  #stops: (() => void)[] = []
  #items: readonly Notification[] = []
  #status: Status | undefined
  #wasOpen = false

  constructor(host: ReactiveControllerHost & HTMLElement, events: ListeningEvents) {
    this.#host = host
    this.#events = events
    host.addController(this)
  }

  get inbox(): InboxSource | undefined {
    return this.#inbox
  }

  get items(): readonly Notification[] {
    return this.#items
  }

  get status(): Status | undefined {
    return this.#status
  }

  get counts(): Counts | undefined {
    return this.#inbox?.counts
  }

  /** Whether there was a connection with this inbox, before the status that is being told. */
  get wasOpen(): boolean {
    return this.#wasOpen
  }

  /** Whether commands can be given: they need the connection. */
  get isOpen(): boolean {
    return this.#status?.state === 'open'
  }

  set(inbox: InboxSource | undefined): void {
    if (inbox === this.#inbox) return
    this.#stop()
    this.#inbox = inbox
    this.#items = []
    this.#status = undefined
    this.#wasOpen = false
    this.#events.replaced()
    if (this.#host.isConnected) this.#start()
  }

  hostConnected(): void {
    this.#start()
  }

  hostDisconnected(): void {
    this.#stop()
  }

  #start(): void {
    const inbox = this.#inbox
    if (!inbox || this.#stops.length > 0) return
    const events = this.#events
    this.#stops = [
      inbox.on('items', () => this.#read(inbox)),
      inbox.on('counts', () => this.#host.requestUpdate()),
      inbox.on('status', (status) => this.#tell(status)),
      inbox.on('notification', (event) => events.arrived(event)),
      inbox.on('updated', (event) => events.updated(event)),
      inbox.on('removed', (event) => events.removed(event)),
      inbox.on('error', (error) => events.failed(error)),
    ]
    this.#status = inbox.status
    this.#wasOpen ||= this.isOpen
    this.#read(inbox)
  }

  #stop(): void {
    for (const stop of this.#stops) stop()
    this.#stops = []
  }

  #read(inbox: InboxSource): void {
    this.#items = inbox.items()
    this.#events.changed()
    this.#host.requestUpdate()
  }

  #tell(status: Status): void {
    const before = this.#status ?? status
    this.#status = status
    this.#events.status(status, before)
    this.#wasOpen ||= this.isOpen
    this.#host.requestUpdate()
  }
}
