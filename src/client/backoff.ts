const FLOOR_MS = 500
const CEILING_MS = 30_000

/**
 * How long to wait before the next attempt: anything from nothing to a bound that doubles from 0.5 s to 30 s. With the whole
 * of it drawn ("full jitter"), the clients that one restart has cut off come back spread evenly.
 *
 * @param failures how many attempts have failed in a row, from 1
 */
export function backoffMs(failures: number, random: () => number): number {
  const bound = Math.min(CEILING_MS, FLOOR_MS * 2 ** Math.min(failures - 1, 16))
  return random() * bound
}
