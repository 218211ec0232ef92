import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import Database from 'better-sqlite3'
import { makeDatabase, openReader, openWriter, waitForLock, type Connection } from './database.js'
import { settleEpoch } from './epoch.js'
import { DatabaseLock, placeOf } from './lock.js'
import type {
  Done,
  Failure,
  FromThread,
  Request,
  Response,
  ThreadData,
  ToThread,
} from './messages.js'
import { migrate } from './migrate.js'
import { readerOperations, writerOperations } from './operations.js'
import { prepareRequireInPlace } from './probe.js'
import { TroubleError, troubleOf, type Trouble } from './trouble.js'

/** A transaction that has changed this many rows takes no further write, so that none stalls what waits behind it. */
const MAX_GROUP_CHANGES = 2_000

/** Reads that are answered together: a page may have 256 KiB, and the first should not wait for the last. */
const MAX_GROUP_READS = 8

type Operation = (input: unknown) => unknown

// The two sides of this port share their types (`operations.ts`), which a message can't carry with it.
// oxlint-disable-next-line typescript/no-unsafe-type-assertion
const { role, path, bounds, newEpoch } = workerData as ThreadData
const port = parentPort
if (!port) throw new Error('the store runs in a worker thread')

/**
 * One of the store's threads. It takes what has been asked while it was at work and does it in order, a group at a time;
 * for the writer a group is one transaction, and one sync to disk, for everything that came meanwhile. `runGroup` takes
 * what it does from the front of what waits.
 */
function run(
  connection: Connection,
  runGroup: (waiting: Request[]) => Done,
  lock?: DatabaseLock,
): void {
  let closing = false
  const waiting: Request[] = []
  const take = (message: ToThread): void => {
    if (message.kind === 'close') closing = true
    else waiting.push(...message.requests)
  }
  port?.on('message', (first: ToThread) => {
    take(first)
    do {
      for (let next = receiveMessageOnPort(port); next; next = receiveMessageOnPort(port)) {
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion
        take(next.message as ToThread)
      }
      if (waiting.length > 0) tell({ kind: 'responses', ...runGroup(waiting) })
    } while (waiting.length > 0)
    if (closing) {
      try {
        // Who holds the database now must not hold up the end of the process.
        waitForLock(connection, 'shortly')
        if (role === 'writer') connection.pragma('wal_checkpoint(TRUNCATE)')
      } catch {
        // A full disk, say: what was committed stays in the write-ahead log, and is taken in by the next start.
      }
      connection.close()
      lock?.free()
      port.close()
    }
  })
  tell({ kind: 'ready' })
}

/** Every write in a savepoint of its own, all in one transaction: one that fails takes none with it. */
function groupWriter(connection: Connection, lock: DatabaseLock): (waiting: Request[]) => Done {
  const operations = operationTable(writerOperations(connection, bounds))
  const requireInPlace = prepareRequireInPlace(path, lock)
  const totalChanges = connection.prepare<[], number>('SELECT total_changes()').pluck()
  const [begin, commit, rollback] = ['BEGIN IMMEDIATE', 'COMMIT', 'ROLLBACK'].map((sql) =>
    connection.prepare(sql),
  )
  const [savepoint, release, undo] = ['SAVEPOINT one', 'RELEASE one', 'ROLLBACK TO one'].map(
    (sql) => connection.prepare(sql),
  )
  const runOne = (request: Request): Response => {
    savepoint?.run()
    try {
      const response = perform(operations, request)
      release?.run()
      return response
    } catch (error) {
      // A full disk may have ended the whole transaction (https://sqlite.org/lang_transaction.html §3).
      if (!connection.inTransaction) throw error
      undo?.run()
      release?.run()
      return { id: request.id, ok: false, failure: failureOf(error) }
    }
  }
  // Who has waited in vain once does not let all the others wait as long, one group after the other.
  let isHeld = false
  const beginPatiently = (): void => {
    try {
      begin?.run()
    } catch (error) {
      if (!isHeld) waitForLock(connection, 'shortly')
      isHeld = true
      throw error
    }
    if (isHeld) waitForLock(connection, 'patiently')
    isHeld = false
  }
  return (waiting) => {
    const taken: Request[] = []
    const begun = performance.now()
    try {
      requireInPlace()
      beginPatiently()
      const before = totalChanges.get() ?? 0
      const responses: Response[] = []
      let changes = 0
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        taken.push(next)
        responses.push(runOne(next))
        changes = (totalChanges.get() ?? 0) - before
        if (changes >= MAX_GROUP_CHANGES) break
      }
      commit?.run()
      if (changes === 0) return { responses }
      const seconds = (performance.now() - begun) / 1_000
      return { responses, commit: { writes: writesOf(taken), seconds } }
    } catch (error) {
      if (connection.inTransaction) rollback?.run()
      const failure = failureOf(error)
      // Where not even BEGIN went through, all who wait are told: each would wait for the same lock in turn.
      if (taken.length === 0) taken.push(...waiting.splice(0))
      return { responses: taken.map(({ id }) => ({ id, ok: false, failure })) }
    }
  }
}

function writesOf(requests: readonly Request[]): number {
  return requests.reduce((sum, { writes }) => sum + writes, 0)
}

/** Every read in a transaction of its own, so that what it returns is of one moment. */
function separateReads(connection: Connection): (waiting: Request[]) => Done {
  const operations = operationTable(
    readerOperations(connection, bounds, (memory) => handedOver.push(memory)),
  )
  const read = connection.transaction((request: Request) => perform(operations, request))
  return (waiting) => ({
    responses: waiting.splice(0, MAX_GROUP_READS).map((request) => {
      try {
        return read.deferred(request)
      } catch (error) {
        return { id: request.id, ok: false, failure: failureOf(error) }
      }
    }),
  })
}

function operationTable(operations: Record<string, unknown>): Map<string, Operation> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return new Map(Object.entries(operations) as [string, Operation][])
}

function perform(operations: Map<string, Operation>, { id, operation, input }: Request): Response {
  const perform = operations.get(operation)
  if (!perform) throw new Error(`the store has no operation ${operation}`)
  return { id, ok: true, value: perform(input) }
}

function failureOf(error: unknown): Failure {
  const sqliteCode = error instanceof Database.SqliteError ? error.code : undefined
  return {
    message: error instanceof Error ? error.message : String(error),
    sqliteCode,
    trouble: error instanceof TroubleError ? error.trouble : troubleBehind(sqliteCode),
  }
}

function troubleBehind(sqliteCode: string | undefined): Trouble | undefined {
  return sqliteCode === undefined ? undefined : troubleOf(sqliteCode, path)
}

/** Memory of the answers that go out next, which goes over with them rather than being copied. */
const handedOver: ArrayBuffer[] = []

function tell(message: FromThread): void {
  port?.postMessage(message, handedOver.splice(0))
}

let lock: DatabaseLock | undefined
try {
  if (role === 'writer') {
    makeDatabase(path)
    const place = placeOf(path)
    const connection = openWriter(path)
    // Before anything is changed: the other one may be of another version.
    lock = DatabaseLock.take(place)
    migrate(connection)
    settleEpoch(connection, { anew: newEpoch })
    run(connection, groupWriter(connection, lock), lock)
  } else {
    const connection = openReader(path)
    run(connection, separateReads(connection))
  }
} catch (error) {
  lock?.free()
  tell({ kind: 'failed', failure: failureOf(error) })
  port.close()
}
