import type { Notification } from '../client/frames.js'
import { tellOpen } from './events.js'
import type { Where } from './opener.js'
import { safeUrl } from './safe-url.js'

export interface OpeningOptions {
  element: Element
  markRead: (id: string) => void
  /** Shows an entry of the list in full, or no longer. */
  toggle: (id: string) => void
  /** Opens the panel, with this entry in full. */
  reveal: (id: string) => void
  closePanel: () => void
  dismissToast: (id: string) => void
}

/** What happens where a notification is opened: the page may do something of its own, a URL is followed, a text is shown in full. */
export class Opening {
  readonly #options: OpeningOptions

  constructor(options: OpeningOptions) {
    this.#options = options
  }

  fromList(notification: Notification, event: MouseEvent, where: Where): void {
    const { toggle, closePanel } = this.#options
    if (!this.#isLedAway(notification, event, where)) toggle(notification.id)
    else if (where === 'here') closePanel()
  }

  fromToast(notification: Notification, event: MouseEvent, where: Where): void {
    const { reveal, dismissToast } = this.#options
    const isLedAway = this.#isLedAway(notification, event, where)
    dismissToast(notification.id)
    if (!isLedAway) reveal(notification.id)
  }

  /** Whether it is followed, or the page does something else with it. */
  #isLedAway(notification: Notification, event: MouseEvent, where: Where): boolean {
    const { element, markRead } = this.#options
    // Another tab is the browser's own.
    const isPrevented = where === 'here' && !tellOpen(element, notification)
    if (isPrevented) event.preventDefault()
    if (notification.readAt === null) markRead(notification.id)
    return isPrevented || safeUrl(notification.url) !== undefined
  }
}
