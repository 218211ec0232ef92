import { randomFillSync } from 'node:crypto'

const POOL_BYTES = 4_096

const pool = new Uint8Array(POOL_BYTES)
let used = POOL_BYTES

/**
 * Random bytes from the system's generator, drawn 4 KiB at a time: to ask it for each id took 7 % of the event loop in the
 * benchmark `live`. The bytes are the caller's to keep only until it has read them.
 */
export function randomBytes(count: number): Uint8Array {
  if (used + count > POOL_BYTES) {
    randomFillSync(pool)
    used = 0
  }
  used += count
  return pool.subarray(used - count, used)
}
