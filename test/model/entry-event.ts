import type { Down } from '../../src/protocol/down/index.js'
import type { DownOf } from '../client.js'

/** What tells of an entry of the log, and waits for its acknowledgement. */
export type EntryEvent = DownOf<'notification' | 'updated' | 'removed'>

export function isEntryEvent(message: Down): message is EntryEvent {
  return ['notification', 'updated', 'removed'].includes(message.type)
}

/** The id that an event of the log tells of. */
export function idOf(event: EntryEvent): string {
  return event.type === 'notification' ? event.payload.notification.id : event.payload.id
}
