import { html, nothing, type TemplateResult } from 'lit'
import { ifDefined } from 'lit/directives/if-defined.js'

/** The line on the connection, which says why a button does nothing. */
export const STATUS_ID = 'status'

export interface Button {
  /** Among the element's CSS parts. */
  part: string
  id?: string
  label: string
  icon?: TemplateResult
  /** With an icon: the label is shown beside it, too. */
  isLabelled?: boolean
  /** It needs the connection, and there is none. It keeps its place in the order of Tab. */
  isOff?: boolean
  /** It is busy, or there is nothing to do. */
  isIdle?: boolean
  /** The id of what it is about. */
  about?: string | undefined
  tabIndex?: number | undefined
  press: () => void
}

/** A button of the panel. */
export function button(options: Button): TemplateResult {
  const { part, id, label, icon, isLabelled = icon === undefined } = options
  const { isOff = false, isIdle = false, about, tabIndex, press } = options
  const describedBy = [about, isOff ? STATUS_ID : undefined].filter((id) => id !== undefined)
  return html`<button
    type="button"
    id=${ifDefined(id)}
    part="button ${part}"
    class=${isLabelled ? 'button labelled' : 'button'}
    aria-label=${isLabelled ? nothing : label}
    title=${isLabelled ? nothing : label}
    aria-disabled=${isOff || isIdle ? 'true' : nothing}
    aria-describedby=${describedBy.length > 0 ? describedBy.join(' ') : nothing}
    tabindex=${ifDefined(tabIndex)}
    @click=${() => {
      if (!isOff && !isIdle) press()
    }}
  >
    ${icon ?? nothing}${isLabelled ? html`<span>${label}</span>` : nothing}
  </button>`
}
