import type { LogBounds } from '../log-bounds.js'
import { prepareChanges } from './changes.js'
import { prepareAcknowledge, prepareOpenDevice, prepareOpenKnownDevice } from './cursors.js'
import type { Connection } from './database.js'
import { prepareDeliveries } from './deliveries.js'
import { prepareEntry, prepareList } from './entries.js'
import { prepareErase } from './erase.js'
import { prepareDue, prepareExpire } from './expire.js'
import { prepareStepFanOut } from './fan-out.js'
import { prepareFigures } from './figures.js'
import { prepareHead, prepareLatest } from './head.js'
import { prepareKeepReceipt } from './idempotency.js'
import {
  prepareDevices,
  prepareForgetDeliveries,
  prepareRemoveDevice,
  prepareSeeDevice,
  prepareUnseenDevices,
} from './known-devices.js'
import { prepareMark } from './mark.js'
import { prepareNotification } from './notifications.js'
import { prepareProbe } from './probe.js'
import { preparePurge } from './purge.js'
import { prepareRecall } from './recall.js'
import { prepareForget, prepareForgettable, prepareOverfull, prepareTrimUser } from './retention.js'
import { prepareForgetRevocations, prepareRevocations, prepareRevoke } from './revocations.js'
import { prepareFire } from './schedule.js'
import { prepareSend } from './send.js'
import {
  prepareChangeSubscribers,
  prepareSubscribe,
  prepareSubscribed,
  prepareSubscribers,
  prepareTopics,
  prepareUnsubscribe,
} from './subscriptions.js'

/** What the writing thread does, by name. */
export function writerOperations(connection: Connection, bounds: LogBounds) {
  return {
    send: prepareSend(connection, bounds),
    openDevice: prepareOpenDevice(connection),
    acknowledge: prepareAcknowledge(connection),
    mark: prepareMark(connection),
    recall: prepareRecall(connection, bounds),
    expire: prepareExpire(connection, bounds),
    fire: prepareFire(connection, bounds),
    stepFanOut: prepareStepFanOut(connection, bounds),
    subscribe: prepareSubscribe(connection),
    unsubscribe: prepareUnsubscribe(connection),
    changeSubscribers: prepareChangeSubscribers(connection),
    trim: prepareTrimUser(connection, bounds),
    forget: prepareForget(connection),
    seeDevice: prepareSeeDevice(connection),
    removeDevice: prepareRemoveDevice(connection),
    forgetDeliveries: prepareForgetDeliveries(connection),
    keepReceipt: prepareKeepReceipt(connection),
    erase: prepareErase(connection),
    purge: preparePurge(connection),
    revoke: prepareRevoke(connection),
    forgetRevocations: prepareForgetRevocations(connection),
    check: prepareProbe(connection),
  }
}
export type WriterOperations = ReturnType<typeof writerOperations>

/** What the reading thread does, by name; `handOver` is told of memory that an answer need not copy. */
export function readerOperations(
  connection: Connection,
  bounds: LogBounds,
  handOver?: (memory: ArrayBuffer) => void,
) {
  const head = prepareHead(connection)
  return {
    openKnownDevice: prepareOpenKnownDevice(connection),
    changes: prepareChanges(connection, handOver),
    list: prepareList(connection),
    entry: prepareEntry(connection),
    head: (user: string) => {
      const { id: _id, ...log } = head(user)
      return log
    },
    latest: prepareLatest(connection),
    notification: prepareNotification(connection),
    deliveries: prepareDeliveries(connection),
    subscribers: prepareSubscribers(connection),
    topics: prepareTopics(connection),
    due: prepareDue(connection),
    overfull: prepareOverfull(connection, bounds),
    forgettable: prepareForgettable(connection),
    devices: prepareDevices(connection),
    unseenDevices: prepareUnseenDevices(connection),
    subscribed: prepareSubscribed(connection),
    revocations: prepareRevocations(connection),
    figures: prepareFigures(connection),
    // A transaction alone would touch no page of the file.
    check: (_probe: { needsRoom: boolean }) => ({ ok: head('') !== undefined }),
  }
}
export type ReaderOperations = ReturnType<typeof readerOperations>
