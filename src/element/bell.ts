import { html, nothing, type TemplateResult } from 'lit'
import type { Counts } from '../client/events.js'
import type { Status } from '../client/status.js'
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

export type BellState = 'bellOffline' | 'bellClosed'

/** What the bell tells of the connection; undefined where it is there, or is being made for the first time, as in any page that loads. */
export function bellState(of: {
  status: Status | undefined
  wasOpen: boolean
}): BellState | undefined {
  const { status, wasOpen } = of
  switch (status?.state) {
    case 'open':
      return undefined
    case 'connecting':
      return status.attempt === 1 && !wasOpen ? undefined : 'bellOffline'
    case 'closed':
      return 'bellClosed'
    case 'waiting':
    case undefined:
      return 'bellOffline'
  }
}

/** With the count in words, once it is known. */
export function bellName(
  texts: Texts,
  badge: Badge,
  { count, state }: { count: number | undefined; state: BellState | undefined },
): string {
  const words = badge === 'unseen' ? texts.unseenCount : texts.unreadCount
  const parts = [texts.label, count === undefined ? '' : words(count), state ? texts[state] : '']
  return parts.filter((part) => part !== '').join(', ')
}

export interface BellView {
  name: string
  count: number
  number: (value: number) => string
  isExpanded: boolean
  isOff: boolean
  press: () => void
}

/** The button that opens the panel. */
export function bell(view: BellView): TemplateResult {
  const { name, count, number, isExpanded, isOff, press } = view
  return html`<button
    type="button"
    class="bell ${isOff ? 'off' : ''}"
    id=${BELL_ID}
    part="bell ${isOff ? 'bell-offline' : ''}"
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
