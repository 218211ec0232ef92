/** An array of frames holds at most this many of them … */
export const MAX_ARRAY_FRAMES = 64
/** … and this many bytes (256 KiB), or one frame. */
export const MAX_ARRAY_BYTES = 256 * 1024

/** Frames that tell of entries of the log, as they go over the wire: JSON in UTF-8. */
export interface FrameArray {
  /** All of them as one array, `[…,…]`, in memory of their own, which one thread may hand over to another. */
  bytes: Uint8Array<ArrayBuffer>
  /** Where in `bytes` each frame ends; the next one begins behind the comma. */
  ends: number[]
  /** The `seq` of the entry that each frame tells of. */
  seqs: number[]
}

const encoder = new TextEncoder()

/** Joins frames to an array within its bounds. */
export class FrameArrayBuilder {
  readonly #frames: string[] = []
  readonly #ends: number[] = []
  readonly #seqs: number[] = []

  /** Takes a frame; false, and nothing done with it, where there is no room for it. */
  add(seq: number, frame: string): boolean {
    const before = this.#ends.at(-1) ?? 0
    // The comma or bracket before it, and the bracket that ends the array.
    const end = before + 1 + Buffer.byteLength(frame)
    const isFull = this.#seqs.length === MAX_ARRAY_FRAMES || end + 1 > MAX_ARRAY_BYTES
    if (isFull && this.#seqs.length > 0) return false
    this.#frames.push(frame)
    this.#ends.push(end)
    this.#seqs.push(seq)
    return true
  }

  /** How many bytes the frames have that were taken. */
  get size(): number {
    return sizeOf(this.#ends)
  }

  build(): FrameArray {
    const bytes = encoder.encode(`[${this.#frames.join(',')}]`)
    return { bytes, ends: this.#ends, seqs: this.#seqs }
  }
}

/** How many bytes the frames have that end there. */
export function sizeOf(ends: readonly number[]): number {
  return (ends.at(-1) ?? 0) - ends.length
}

/** As many frames of an array as take it to a size in bytes, or all. */
export function cutAt(array: FrameArray, size: number): FrameArray {
  const count = 1 + array.ends.findIndex((end, index) => end - (index + 1) >= size)
  if (count === 0 || count === array.ends.length) return array
  const ends = array.ends.slice(0, count)
  const end = ends.at(-1) ?? 0
  const bytes = array.bytes.slice(0, end + 1)
  bytes[end] = CLOSING_BRACKET
  return { bytes, ends, seqs: array.seqs.slice(0, count) }
}

const CLOSING_BRACKET = 0x5d

/** Each frame by itself, where it stands in the memory of all. */
export function framesIn({ bytes, ends }: FrameArray): Uint8Array<ArrayBuffer>[] {
  return ends.map((end, index) => bytes.subarray((ends[index - 1] ?? 0) + 1, end))
}
