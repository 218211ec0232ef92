import type { ReactiveController, ReactiveControllerHost } from 'lit'
import type { RemovedEvent, UpdatedEvent } from '../client/events.js'
import type { Notification } from '../client/frames.js'

const SHOWN_MS = 6_000

/**
 * The notifications that came a moment ago. Each goes after 6 s in which the page could be seen and nobody pointed at them or was
 * among them with the keyboard; urgent ones stay until they are dismissed.
 */
export class Toasts implements ReactiveController {
  readonly #host: ReactiveControllerHost
  /** Oldest first. */
  #shown: Notification[] = []
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>()
  #isHeld = false

  constructor(host: ReactiveControllerHost) {
    this.#host = host
    host.addController(this)
  }

  get shown(): readonly Notification[] {
    return this.#shown
  }

  hostConnected(): void {
    document.addEventListener('visibilitychange', this.#arm)
  }

  hostDisconnected(): void {
    document.removeEventListener('visibilitychange', this.#arm)
    this.clear()
    this.#isHeld = false
  }

  /** Shows it, and at most `max` in all: the oldest go, urgent ones last. */
  show(notification: Notification, max: number): void {
    const { id, collapseKey } = notification
    this.#drop(
      (other) => other.id === id || (collapseKey !== null && other.collapseKey === collapseKey),
    )
    this.#shown = [...this.#shown, notification]
    while (this.#shown.length > max) {
      const oldest = this.#shown.find(({ priority }) => priority !== 'urgent') ?? this.#shown[0]
      this.#drop((other) => other === oldest)
    }
    this.#arm()
  }

  dismiss(id: string): void {
    this.#drop((shown) => shown.id === id)
  }

  clear(): void {
    this.#drop(() => true)
  }

  /** What was read or archived, here or elsewhere, is no news. */
  updated({ id, readAt, archivedAt }: UpdatedEvent): void {
    if (readAt !== null || archivedAt !== null) this.dismiss(id)
  }

  removed({ id, collapseKey, seq }: RemovedEvent): void {
    this.#drop(
      (shown) =>
        shown.id === id ||
        (collapseKey !== undefined && shown.collapseKey === collapseKey && shown.seq < seq),
    )
  }

  /** Keeps them while somebody is at them. */
  readonly hold = (): void => {
    this.#isHeld = true
    this.#arm()
  }

  readonly release = (): void => {
    this.#isHeld = false
    this.#arm()
  }

  readonly #arm = (): void => {
    const isRunning = !this.#isHeld && document.visibilityState === 'visible'
    for (const { id, priority } of this.#shown) {
      if (isRunning && priority !== 'urgent' && !this.#timers.has(id)) {
        this.#timers.set(
          id,
          setTimeout(() => this.dismiss(id), SHOWN_MS),
        )
      } else if (!isRunning) {
        this.#stopTimer(id)
      }
    }
    this.#host.requestUpdate()
  }

  #drop(isGone: (shown: Notification) => boolean): void {
    const gone = this.#shown.filter((shown) => isGone(shown))
    if (gone.length === 0) return
    for (const { id } of gone) this.#stopTimer(id)
    this.#shown = this.#shown.filter((shown) => !gone.includes(shown))
    // Whoever pointed at the last can't leave it any more.
    if (this.#shown.length === 0) this.#isHeld = false
    this.#host.requestUpdate()
  }

  #stopTimer(id: string): void {
    clearTimeout(this.#timers.get(id))
    this.#timers.delete(id)
  }
}
