import { readFileSync } from 'node:fs'

/**
 * How many transactions the write-ahead log of a database holds: its frames that end one. The format:
 * https://sqlite.org/fileformat2.html#the_write_ahead_log.
 */
export function commitsIn(databasePath: string): number {
  const log = readFileSync(`${databasePath}-wal`)
  if (log.length < 32) return 0
  const frameBytes = 24 + log.readUInt32BE(8)
  const salt = log.readBigUInt64BE(16)
  let commits = 0
  for (let at = 32; at + frameBytes <= log.length; at += frameBytes) {
    // A frame of an older turn of the log has another salt: here ends this one.
    if (log.readBigUInt64BE(at + 8) !== salt) break
    // The size of the database after the commit; 0 in a frame that ends none.
    if (log.readUInt32BE(at + 4) > 0) commits += 1
  }
  return commits
}
