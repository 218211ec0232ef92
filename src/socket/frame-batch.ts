import { MAX_BATCH_BYTES, MAX_BATCH_FRAMES } from './limits.js'
import type { SocketLike } from './socket-like.js'

/** Sends frames one by one or, for clients that asked for it, in arrays of at most 64 frames and 256 KiB. */
export class FrameBatch {
  readonly #socket: SocketLike
  readonly #arrays: boolean
  #frames: string[] = []
  #bytes = 0

  constructor(socket: SocketLike, arrays: boolean) {
    this.#socket = socket
    this.#arrays = arrays
  }

  /** Whether frames are waiting to go out together. */
  get isOpen(): boolean {
    return this.#frames.length > 0
  }

  add(frame: string): void {
    if (!this.#arrays) {
      this.#socket.send(frame)
      return
    }
    // The comma or bracket before each frame, and the bracket that ends the array.
    const bytes = Buffer.byteLength(frame) + 1
    if (this.#bytes + bytes + 1 > MAX_BATCH_BYTES) this.flush()
    this.#frames.push(frame)
    this.#bytes += bytes
    if (this.#frames.length === MAX_BATCH_FRAMES) this.flush()
  }

  flush(): void {
    const [first, ...more] = this.#frames
    if (first === undefined) return
    this.#socket.send(more.length === 0 ? first : `[${this.#frames.join(',')}]`)
    this.#frames = []
    this.#bytes = 0
  }
}
