import { html, nothing, type TemplateResult } from 'lit'
import type { Notification } from '../client/frames.js'
import { avatar, type BrokenIcons } from './avatar.js'
import { button } from './button.js'
import { ARCHIVE, CHECK, DOT } from './icons.js'
import { opener, type Where } from './opener.js'
import { look, priorityMark, priorityWord } from './priority.js'
import type { View } from './view.js'

export interface ItemView extends View {
  brokenIcons: BrokenIcons
  /** Those without a URL that are shown in full. */
  expanded: ReadonlySet<string>
  /** The one in the order of Tab. */
  current: string | undefined
  open: (notification: Notification, event: MouseEvent, where: Where) => void
  toggleRead: (notification: Notification) => void
  archive: (notification: Notification) => void
  iconFailed: (icon: string) => void
  /** The focus came into this one. */
  entered: (id: string) => void
}

/** One notification of the list. */
export function item(notification: Notification, view: ItemView): TemplateResult {
  const { id, title, type, body, priority, readAt, createdAt } = notification
  const { texts, times, now, isOpen, expanded } = view
  const isUnread = readAt === null
  const isExpanded = expanded.has(id)
  const time = Date.parse(createdAt)
  const tabIndex = view.current === id ? 0 : -1
  const titleId = `title-${id}`
  const aside = `time-${id} ${priorityWord(priority, texts) ? `priority-${id} ` : ''}${body ? `body-${id}` : ''}`
  return html`<li
    class="item ${look(priority)} ${isUnread ? 'unread' : ''} ${isExpanded ? 'expanded' : ''}"
    part="item item-${look(priority)} ${isUnread ? 'item-unread' : ''}"
    data-id=${id}
    @focusin=${() => view.entered(id)}
  >
    ${avatar(notification, { broken: view.brokenIcons, fail: view.iconFailed })}
    <div class="content">
      <div class="headline">
        ${opener(notification, {
          part: 'title',
          id: titleId,
          describedBy: aside.trimEnd(),
          tabIndex,
          ...(body !== null && { isExpanded }),
          text: html`${isUnread ? html`<span class="hidden">${texts.unread} </span>` : nothing}<span
              class="title"
              ><bdi>${title ?? type}</bdi></span
            >`,
          open: (event, where) => view.open(notification, event, where),
        })}
        ${isUnread ? html`<span class="unread-mark" part="unread-mark"></span>` : nothing}
      </div>
      ${body ? html`<p class="body" part="body" id="body-${id}"><bdi>${body}</bdi></p>` : nothing}
      <div class="foot">
        <time part="time" id="time-${id}" datetime=${createdAt} title=${times.full(time)}
          >${times.short(time, now)}</time
        >
        ${priorityMark(notification, texts)}
        <div class="actions" part="actions">
          ${button({
            part: isUnread ? 'action mark-read' : 'action mark-unread',
            label: isUnread ? texts.markRead : texts.markUnread,
            icon: isUnread ? CHECK : DOT,
            isOff: !isOpen,
            about: titleId,
            tabIndex,
            press: () => view.toggleRead(notification),
          })}
          ${button({
            part: 'action archive',
            label: texts.archive,
            icon: ARCHIVE,
            isOff: !isOpen,
            about: titleId,
            tabIndex,
            press: () => view.archive(notification),
          })}
        </div>
      </div>
    </div>
  </li>`
}
