import { html, nothing, type TemplateResult } from 'lit'
import { guard } from 'lit/directives/guard.js'
import { repeat } from 'lit/directives/repeat.js'
import type { Notification } from '../client/frames.js'
import { button, STATUS_ID } from './button.js'
import { ALERT, BELL, CHECK_ALL, CLOSE, OFFLINE } from './icons.js'
import { item, type ItemView } from './item.js'
import type { StatusWords } from './status-words.js'

export const MORE_ID = 'more'

export interface PanelView extends ItemView {
  label: string
  items: readonly Notification[]
  /** What they are drawn from beside themselves: of 500, those for which all is the same are not looked at. */
  itemsDependOn: readonly unknown[]
  status: StatusWords | undefined
  /** What has gone wrong, in words. */
  trouble: string | undefined
  hasUnread: boolean
  hasMore: boolean
  isLoadingMore: boolean
  /** Whether there ever was a list to show. */
  wasOpen: boolean
  markAllRead: () => void
  loadMore: () => void
  close: () => void
  dismiss: () => void
}

/** What stands in the panel. */
export function panel(view: PanelView): TemplateResult {
  const { texts, label, items, isOpen } = view
  return html`<div class="header" part="header">
      <h2 class="heading" part="heading" id="heading">${label}</h2>
      ${button({
        part: 'mark-all-read',
        label: texts.markAllRead,
        icon: CHECK_ALL,
        isLabelled: true,
        isOff: !isOpen,
        isIdle: !view.hasUnread,
        press: view.markAllRead,
      })}
      ${button({ part: 'close', label: texts.close, icon: CLOSE, press: view.close })}
    </div>
    ${statusLine(view.status)} ${trouble(view)}
    <div class="scroll" part="scroll">
      ${
        items.length === 0
          ? nothingToShow(view)
          : html`<ul class="list" part="list" role="list" aria-labelledby="heading">
              ${repeat(
                items,
                ({ id }) => id,
                (notification) =>
                  guard(
                    [notification, view.current === notification.id, ...view.itemsDependOn],
                    () => item(notification, view),
                  ),
              )}
            </ul>`
      }
      ${view.hasMore ? loadMore(view) : nothing}
    </div>
    <slot name="footer"></slot>`
}

function statusLine(status: StatusWords | undefined): TemplateResult | typeof nothing {
  if (!status) return nothing
  const { text, kind } = status
  const sign = kind === 'busy' ? html`<span class="spinner" aria-hidden="true"></span>` : OFFLINE
  return html`<p class="status ${kind}" part="status status-${kind}" id=${STATUS_ID}>
    ${sign}<span>${text}</span>
  </p>`
}

function trouble({ texts, trouble, dismiss }: PanelView): TemplateResult | typeof nothing {
  if (trouble === undefined) return nothing
  return html`<div class="trouble" part="trouble">
    ${ALERT}
    <p>${trouble}</p>
    ${button({ part: 'dismiss', label: texts.dismiss, icon: CLOSE, press: dismiss })}
  </div>`
}

function nothingToShow({ texts, isOpen, wasOpen, hasMore }: PanelView): TemplateResult {
  if (!isOpen && !wasOpen) {
    return html`<div class="empty" part="empty not-loaded">
      <span class="empty-sign" part="empty-sign">${BELL}</span>
      <p>${texts.notLoaded}</p>
    </div>`
  }
  // What was shown is gone, and the inbox is listed again.
  if (hasMore) {
    return html`<div class="empty" part="empty loading">
      <span class="spinner" aria-hidden="true"></span>
      <p>${texts.loading}</p>
    </div>`
  }
  return html`<div class="empty" part="empty">
    <slot name="empty">
      <span class="empty-sign" part="empty-sign">${BELL}</span>
      <p class="empty-title" part="empty-title">${texts.emptyTitle}</p>
      <p>${texts.emptyBody}</p>
    </slot>
  </div>`
}

function loadMore({ texts, isOpen, isLoadingMore, loadMore }: PanelView): TemplateResult {
  return html`<div class="more">
    ${button({
      part: 'load-more',
      id: MORE_ID,
      label: isLoadingMore ? texts.loading : texts.loadMore,
      isOff: !isOpen,
      isIdle: isLoadingMore,
      press: loadMore,
    })}
  </div>`
}
