import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'

const SAMPLES = 20

/** About what one group commit adds to the write-ahead log. */
const BYTES = 64 * 1024

/**
 * How long a disk takes to sync, in milliseconds: the median of a few. Where it goes up and down, so does the rate of
 * a service that waits for the disk, and its floor's does not.
 */
export function syncMilliseconds(folder: string): number {
  const path = join(folder, 'sync-time')
  const file = openSync(path, 'w')
  try {
    const times = Array.from({ length: SAMPLES }, () => {
      writeSync(file, Buffer.alloc(BYTES, 1))
      const begun = performance.now()
      fdatasyncSync(file)
      return performance.now() - begun
    })
    return times.toSorted((a, b) => a - b)[SAMPLES / 2] ?? NaN
  } finally {
    closeSync(file)
    rmSync(path)
  }
}
