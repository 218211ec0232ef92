import type { Connection } from './database.js'

/**
 * Begins another life of all logs where the file is a copy that nobody has opened yet, or where that is asked for. Clients that
 * come with a position of the former life are told by a `gap`, and replay from what the copy knows of them.
 */
export function settleEpoch(connection: Connection, { anew }: { anew: boolean }): void {
  connection
    .prepare<[number]>(
      'UPDATE meta SET epoch = lower(hex(randomblob(8))), is_copy = 0 WHERE is_copy = 1 OR ?',
    )
    .run(Number(anew))
}
