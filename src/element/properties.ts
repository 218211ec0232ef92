import type { PropertyDeclarations } from 'lit'

export type Placement = 'start' | 'end'
export type Theme = 'auto' | 'light' | 'dark'
export type Badge = 'unread' | 'unseen'

export const MOST_TOASTS = 3

/** What of a number is no count of toasts is the default. */
function toastsOf(attribute: string | null): number {
  if (attribute === 'off') return 0
  const number = Number(attribute ?? NaN)
  return Number.isSafeInteger(number) && number >= 0 ? number : MOST_TOASTS
}

/** The element's reactive properties, as Lit takes them; documented where they are declared. */
export const PROPERTIES: PropertyDeclarations = {
  // Its accessor is the element's own: what is set before the element is defined is still found by Lit.
  inbox: { attribute: false, noAccessor: true },
  open: { type: Boolean, reflect: true },
  placement: { reflect: true, useDefault: true },
  theme: { reflect: true, useDefault: true },
  label: {},
  badge: {},
  toasts: { converter: { fromAttribute: toastsOf } },
  texts: { attribute: false },
}
