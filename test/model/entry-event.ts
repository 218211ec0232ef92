import type { DownOf } from '../client.js'

/** An entry of the log, as a page of changes tells it. */
export type EntryEvent = DownOf<'notification' | 'updated' | 'removed'>

/** The id that an event of the log tells of. */
export function idOf(event: EntryEvent): string {
  return event.type === 'notification' ? event.payload.notification.id : event.payload.id
}
