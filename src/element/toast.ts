import { html, nothing, type TemplateResult } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import type { Notification } from '../client/frames.js'
import { avatar, type BrokenIcons } from './avatar.js'
import { button } from './button.js'
import { CLOSE } from './icons.js'
import { opener, type Where } from './opener.js'
import { look, priorityMark } from './priority.js'
import type { Texts } from './texts.js'

export interface ToastsView {
  texts: Texts
  shown: readonly Notification[]
  brokenIcons: BrokenIcons
  iconFailed: (icon: string) => void
  /** Somebody is at them, or no longer. */
  hold: () => void
  release: () => void
  open: (notification: Notification, event: MouseEvent, where: Where) => void
  dismiss: (notification: Notification) => void
}

export const TOASTS_ID = 'toasts'

/** The cards of what has just come. They are told in the live region; here they are no live region of their own. */
export function toasts(view: ToastsView): TemplateResult {
  const { texts, shown, hold, release } = view
  return html`<section
    class="toasts"
    part="toasts"
    id=${TOASTS_ID}
    popover="manual"
    aria-label=${texts.toasts}
    @pointerenter=${hold}
    @pointerleave=${release}
    @focusin=${hold}
    @focusout=${release}
  >
    <ul role="list">
      ${repeat(
        shown,
        ({ id }) => id,
        (notification) => toast(notification, view),
      )}
    </ul>
  </section>`
}

function toast(notification: Notification, view: ToastsView): TemplateResult {
  const { id, title, type, body, priority } = notification
  const { texts, brokenIcons, iconFailed } = view
  const titleId = `toast-${id}`
  return html`<li
    class="toast ${look(priority)}"
    part="toast toast-${look(priority)}"
    @keydown=${(event: KeyboardEvent) => {
      if (event.key !== 'Escape') return
      event.stopPropagation()
      view.dismiss(notification)
    }}
  >
    ${avatar(notification, { broken: brokenIcons, fail: iconFailed })}
    <div class="content">
      ${opener(notification, {
        part: 'toast-title',
        id: titleId,
        text: html`<span class="title"><bdi>${title ?? type}</bdi></span>`,
        open: (event, where) => view.open(notification, event, where),
      })}
      ${body ? html`<p class="body" part="toast-body"><bdi>${body}</bdi></p>` : nothing}
      ${priorityMark(notification, texts)}
    </div>
    ${button({
      part: 'toast-close',
      label: texts.dismiss,
      icon: CLOSE,
      about: titleId,
      press: () => view.dismiss(notification),
    })}
  </li>`
}
