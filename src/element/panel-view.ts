import { TIMES_MS } from './clock.js'
import type { DetailsView } from './details.js'
import type { ListKeyboard } from './list-keyboard.js'
import type { Model } from './model.js'
import type { PanelView } from './panel.js'
import type { RelativeTimes } from './relative-time.js'
import { statusWords } from './status-words.js'
import type { Texts } from './texts.js'
import { faultWords } from './trouble.js'

interface Sources extends Pick<PanelView, 'open' | 'loadMore' | 'close' | 'dismiss'> {
  model: Model
  texts: Texts
  times: RelativeTimes
  details: DetailsView
  keyboard: ListKeyboard
}

/** What the panel shows now, and what its buttons do. */
export function panelView(sources: Sources): PanelView {
  const { model, texts, times, details, keyboard, open, loadMore, close, dismiss } = sources
  const { items, isOpen, inbox, counts, wasOpen, status } = model.listening
  const { fault } = model.trouble
  const now = Date.now()
  return {
    ...details,
    texts,
    times,
    now,
    isOpen,
    items,
    itemsDependOn: [texts, times, Math.floor(now / TIMES_MS), isOpen, details],
    current: keyboard.current,
    label: texts.label,
    status: statusWords(status, { texts, now, wasOpen }),
    trouble: fault && faultWords(fault, texts),
    hasUnread: (counts?.unread ?? 0) > 0,
    hasMore: inbox?.hasMore ?? false,
    isLoadingMore: model.actions.isRunning('more'),
    wasOpen: wasOpen || items.length > 0,
    open,
    loadMore,
    close,
    dismiss,
    markAllRead: () => void model.run('readAll'),
    toggleRead: ({ id, readAt }) => void model.run(readAt === null ? 'read' : 'unread', id),
    archive: ({ id }) => void model.run('archive', id),
    entered: (id) => keyboard.entered(id),
  }
}
