import { html, nothing, type TemplateResult } from 'lit'
import type { Counts } from '../client/events.js'
import { BELL } from './icons.js'
import type { Badge } from './properties.js'
import type { Texts } from './texts.js'

/** Counts beyond this are told as "99+", but to a screen reader. */
const MOST = 99

export const BELL_ID = 'bell'
export const PANEL_ID = 'panel'

/** Undefined where it is not known yet. */
export function bellCount(counts: Counts | undefined, badge: Badge): number | undefined {
  return badge === 'unseen' ? counts?.unseen : counts?.unread
}

/** With the count in words, once it is known. */
export function bellName(texts: Texts, badge: Badge, count: number | undefined): string {
  if (count === undefined) return texts.label
  const words = badge === 'unseen' ? texts.unseenCount(count) : texts.unreadCount(count)
  return `${texts.label}, ${words}`
}

export interface BellView {
  name: string
  count: number
  number: (value: number) => string
  isExpanded: boolean
  isConnected: boolean
  press: () => void
}

/** The button that opens the panel. */
export function bell(view: BellView): TemplateResult {
  const { name, count, number, isExpanded, isConnected, press } = view
  return html`<button
    type="button"
    class="bell"
    id=${BELL_ID}
    part="bell ${isConnected ? '' : 'bell-offline'}"
    aria-label=${name}
    aria-expanded=${isExpanded}
    aria-controls=${PANEL_ID}
    aria-haspopup="dialog"
    @click=${press}
  >
    <slot name="bell">${BELL}</slot>
    ${
      count > 0
        ? html`<span class="badge" part="badge" aria-hidden="true"
            >${count > MOST ? `${number(MOST)}+` : number(count)}</span
          >`
        : nothing
    }
  </button>`
}
