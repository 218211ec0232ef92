import type {
  NotificationContent,
  NotificationEvent,
  RemovedEvent,
  Status,
  UpdatedEvent,
} from '../client/node.js'

// What the person at the terminal reads of an inbox.

export function ofNotification({ notification, replayed }: NotificationEvent): string {
  const words = [`#${notification.seq}`, ...contentOf(notification)]
  return [...words, ...(replayed ? ['(replayed)'] : [])].join('  ')
}

export function ofEphemeral(notification: NotificationContent): string {
  return [...contentOf(notification), '(not stored)'].join('  ')
}

export function ofUpdated({ seq, id, archivedAt, readAt, seenAt }: UpdatedEvent): string {
  const state = archivedAt ? 'archived' : readAt ? 'read' : seenAt ? 'seen' : 'unread'
  return `#${seq}  ${id} is ${state}`
}

export function ofRemoved({ seq, id, reason }: RemovedEvent): string {
  return `#${seq}  ${id} is gone: ${reason}`
}

/** Why there is no connection, and when the next attempt is. */
export function ofWaiting(
  { retryAt, why }: Extract<Status, { state: 'waiting' }>,
  { wasOpen, url }: { wasOpen: boolean; url: URL },
): string {
  const code = why && why.code !== 1006 ? [why.code] : []
  const said = [...code, ...(why?.reason ? [why.reason] : [])].join(' ')
  const what = wasOpen
    ? 'connection lost'
    : why?.code === 1006
      ? `no service answers at ${url.origin}`
      : `no connection to ${url.origin}`
  const seconds = Math.ceil((retryAt - Date.now()) / 1000)
  const when = seconds > 0 ? `in ${seconds} s` : 'at once'
  return `${what}${said === '' ? '' : ` (${said})`}, trying again ${when}`
}

/**
 * A text whose control characters are shown rather than obeyed: what others wrote must neither look like a line of ours nor drive the
 * terminal.
 */
function onOneLine(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, (character) => {
    const code = character.codePointAt(0) ?? 0
    return `\\x${code.toString(16).padStart(2, '0')}`
  })
}

/** What a notification says. */
function contentOf({ type, title, body, data }: NotificationContent): string[] {
  const said = [title, body].filter((part) => part !== null).map(onOneLine)
  return [`[${type}]`, ...said, ...(data === null ? [] : [JSON.stringify(data)])]
}
