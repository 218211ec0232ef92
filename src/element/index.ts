import { PosthornInbox } from './posthorn-inbox.js'
import type { PosthornInboxEventMap } from './events.js'

export { PosthornInbox }
export type { PosthornInboxAttributes } from './attributes.js'
export type { PosthornInboxEventMap, PosthornOpenEvent, PosthornToggleEvent } from './events.js'
export type { Badge, Placement, Theme } from './properties.js'
export type { InboxSource } from './source.js'
export { ENGLISH, type Action, type Texts } from './texts.js'

const NAME = 'posthorn-inbox'

declare global {
  interface HTMLElementTagNameMap {
    [NAME]: PosthornInbox
  }
  // They bubble: whatever is around the element hears them.
  interface HTMLElementEventMap extends PosthornInboxEventMap {}
  interface DocumentEventMap extends PosthornInboxEventMap {}
}

// In a server's process there is nothing to define; in a page that loads two copies, the first one serves.
if (typeof customElements !== 'undefined' && !customElements.get(NAME)) {
  customElements.define(NAME, PosthornInbox)
}
