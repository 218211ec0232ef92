import { MAX_BATCH_BYTES, MAX_BATCH_ITEMS } from '../protocol/batch.js'

/** What stands around the items of a batch: `{"items":[]}`. */
const FRAME_BYTES = 12

/** Parts texts into requests of at most 500 items and 4 MiB, in their order; one that no request can hold is `oversize`. */
export function chunksOf<Entry extends { text: string }>(
  entries: readonly Entry[],
): { chunks: Entry[][]; oversize: Entry[] } {
  const encoder = new TextEncoder()
  const chunks: Entry[][] = []
  const oversize: Entry[] = []
  let chunk: Entry[] = []
  let bytes = FRAME_BYTES
  for (const entry of entries) {
    // A comma goes before each but the first; it is counted there too.
    const more = encoder.encode(entry.text).length + 1
    if (FRAME_BYTES + more > MAX_BATCH_BYTES) {
      oversize.push(entry)
      continue
    }
    if (chunk.length === MAX_BATCH_ITEMS || bytes + more > MAX_BATCH_BYTES) {
      chunks.push(chunk)
      chunk = []
      bytes = FRAME_BYTES
    }
    chunk.push(entry)
    bytes += more
  }
  if (chunk.length > 0) chunks.push(chunk)
  return { chunks, oversize }
}
