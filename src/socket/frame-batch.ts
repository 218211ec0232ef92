import { MAX_BATCH_BYTES, MAX_BATCH_FRAMES } from './limits.js'
import type { SocketLike } from './socket-like.js'

/**
 * Sends frames one by one or, for clients that asked for it, in arrays of at most 64 frames and 256 KiB. Each is begun only
 * where the socket has room for it.
 */
export class FrameBatch {
  readonly #socket: SocketLike
  readonly #arrays: boolean
  readonly #hasRoom: () => boolean
  #frames: string[] = []
  #bytes = 0

  constructor(
    socket: SocketLike,
    { arrays, hasRoom }: { arrays: boolean; hasRoom: () => boolean },
  ) {
    this.#socket = socket
    this.#arrays = arrays
    this.#hasRoom = hasRoom
  }

  /** Takes a frame; false, and nothing done with it, where the socket has no room. */
  add(frame: string): boolean {
    if (!this.#arrays) {
      const hasRoom = this.#hasRoom()
      if (hasRoom) this.#socket.send(frame)
      return hasRoom
    }
    // The comma or bracket before each frame, and the bracket that ends the array.
    const bytes = Buffer.byteLength(frame) + 1
    if (this.#bytes + bytes + 1 > MAX_BATCH_BYTES) this.flush()
    // Also after an array that has just gone out: it may have filled the buffer.
    if (this.#frames.length === 0 && !this.#hasRoom()) return false
    this.#frames.push(frame)
    this.#bytes += bytes
    if (this.#frames.length === MAX_BATCH_FRAMES) this.flush()
    return true
  }

  flush(): void {
    const [first, ...more] = this.#frames
    if (first === undefined) return
    this.#socket.send(more.length === 0 ? first : `[${this.#frames.join(',')}]`)
    this.#frames = []
    this.#bytes = 0
  }
}
