import { html, type TemplateResult } from 'lit'
import { ifDefined } from 'lit/directives/if-defined.js'
import type { Notification } from '../client/frames.js'
import { safeUrl } from './safe-url.js'

/** In this page, or in another tab, window or file, as the person wants by the keys that they hold. */
export type Where = 'here' | 'elsewhere'

export interface Opener {
  part: string
  id?: string
  /** What is heard beside the title. */
  describedBy?: string
  tabIndex?: number
  /** Of one without a URL: whether its whole text is shown. */
  isExpanded?: boolean
  text: TemplateResult
  /** It is being opened; the default of the click follows the link. */
  open: (event: MouseEvent, where: Where) => void
}

/** What opens a notification: its title, as a link where it has a URL. Its whole card is where one can click. */
export function opener({ url }: Notification, options: Opener): TemplateResult {
  const { part, id, describedBy, tabIndex, isExpanded, text, open } = options
  const href = safeUrl(url)
  if (href === undefined) {
    return html`<button
      type="button"
      class="open"
      part=${part}
      id=${ifDefined(id)}
      aria-describedby=${ifDefined(describedBy)}
      aria-expanded=${ifDefined(isExpanded)}
      tabindex=${ifDefined(tabIndex)}
      @click=${(event: MouseEvent) => open(event, 'here')}
    >
      ${text}
    </button>`
  }
  return html`<a
    class="open"
    part=${part}
    id=${ifDefined(id)}
    aria-describedby=${ifDefined(describedBy)}
    tabindex=${ifDefined(tabIndex)}
    href=${href}
    rel="noopener noreferrer"
    @click=${(event: MouseEvent) => open(event, isElsewhere(event) ? 'elsewhere' : 'here')}
    @auxclick=${(event: MouseEvent) => {
      if (event.button === 1) open(event, 'elsewhere')
    }}
  >
    ${text}
  </a>`
}

/** With these keys the browser opens a tab, a window or a download. */
function isElsewhere({ ctrlKey, metaKey, shiftKey, altKey }: MouseEvent): boolean {
  return ctrlKey || metaKey || shiftKey || altKey
}
