import type { Notification } from '../client/frames.js'

/**
 * A notification is being opened in this page, from the list or a toast. Its default, which `preventDefault()` keeps from happening,
 * follows its `url`; where there is none, its whole text is shown.
 */
export type PosthornOpenEvent = CustomEvent<{ notification: Notification }>

/** The panel was opened or closed, by whomever. */
export type PosthornToggleEvent = CustomEvent<{ open: boolean }>

/** The events of the element. They bubble, through shadow roots too. */
export interface PosthornInboxEventMap {
  'posthorn-open': PosthornOpenEvent
  'posthorn-toggle': PosthornToggleEvent
}

/** Gives false where the default was prevented. */
export function tellOpen(element: Element, notification: Notification): boolean {
  const event: PosthornOpenEvent = new CustomEvent('posthorn-open', {
    detail: { notification },
    bubbles: true,
    composed: true,
    cancelable: true,
  })
  return element.dispatchEvent(event)
}

export function tellToggle(element: Element, open: boolean): void {
  const event: PosthornToggleEvent = new CustomEvent('posthorn-toggle', {
    detail: { open },
    bubbles: true,
    composed: true,
  })
  element.dispatchEvent(event)
}
