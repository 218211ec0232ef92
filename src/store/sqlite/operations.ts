import type { Connection } from './database.js'
import { prepareChanges } from './changes.js'
import { prepareAcknowledge, prepareOpenDevice } from './devices.js'
import { prepareEntry, prepareList } from './entries.js'
import { prepareHead, prepareLatest } from './head.js'
import { prepareMark } from './mark.js'
import { prepareDeliveries, prepareNotification } from './notifications.js'
import { prepareSend } from './send.js'

/** What the writing thread does, by name. */
export function writerOperations(connection: Connection) {
  return {
    send: prepareSend(connection),
    openDevice: prepareOpenDevice(connection),
    acknowledge: prepareAcknowledge(connection),
    mark: prepareMark(connection),
    // An empty write still takes the write lock.
    check: (_nothing: undefined) => true,
  }
}
export type WriterOperations = ReturnType<typeof writerOperations>

/** What the reading thread does, by name. */
export function readerOperations(connection: Connection) {
  const head = prepareHead(connection)
  return {
    changes: prepareChanges(connection),
    list: prepareList(connection),
    entry: prepareEntry(connection),
    head: (user: string) => {
      const { id: _id, ...log } = head(user)
      return log
    },
    latest: prepareLatest(connection),
    notification: prepareNotification(connection),
    deliveries: prepareDeliveries(connection),
    // A transaction alone would touch no page of the file.
    check: (_nothing: undefined) => head('') !== undefined,
  }
}
export type ReaderOperations = ReturnType<typeof readerOperations>
