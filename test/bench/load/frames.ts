// As much of RFC 6455 as a device of ours needs: whole, unmasked frames in, short masked ones out.

export const TEXT = 0x1
export const CLOSE = 0x8
export const PING = 0x9
export const PONG = 0xa

/** The first byte's bit that says that a message has no further frame. */
const FINAL = 0x80
const MASKED = 0x80

/** Longest payload whose length fits the second byte. */
const MAX_SHORT = 125
/** What stands there where the length takes eight bytes. */
const LONG = 127

/** Cuts what comes over a connection into frames. */
export class FrameReader {
  #unread: Buffer = Buffer.alloc(0)

  /** Takes bytes and calls back for each frame that they complete. */
  read(chunk: Buffer, take: (opcode: number, payload: Buffer) => void): void {
    const bytes = this.#unread.length === 0 ? chunk : Buffer.concat([this.#unread, chunk])
    let at = 0
    while (bytes.length - at >= 2) {
      const head = bytes.readUInt8(at)
      if ((head & FINAL) === 0) throw new Error('the server split a message into frames')
      const { from, length } = payloadAt(bytes, at)
      if (from + length > bytes.length) break
      take(head & 0x0f, bytes.subarray(from, from + length))
      at = from + length
    }
    this.#unread = bytes.subarray(at)
  }
}

function payloadAt(bytes: Buffer, at: number): { from: number; length: number } {
  const short = bytes.readUInt8(at + 1)
  if (short <= MAX_SHORT) return { from: at + 2, length: short }
  // Of a length that has not come whole, all that matters is that the frame is not whole either.
  if (short < LONG) {
    const length = bytes.length - at < 4 ? Infinity : bytes.readUInt16BE(at + 2)
    return { from: at + 4, length }
  }
  // Its first four bytes are zero: no frame of ours is that long.
  const length = bytes.length - at < 10 ? Infinity : bytes.readUInt32BE(at + 6)
  return { from: at + 10, length }
}

/**
 * A client's frame of at most 125 bytes. Its mask is zero, which leaves the payload as it is: masks guard proxies from
 * hostile pages (§10.3), and the server unmasks with any of them at the same cost.
 */
export function clientFrame(opcode: number, payload: string | Buffer): Buffer {
  const bytes = Buffer.from(payload)
  if (bytes.length > MAX_SHORT) throw new Error('a device sends short frames only')
  return Buffer.concat([Buffer.from([FINAL | opcode, MASKED | bytes.length, 0, 0, 0, 0]), bytes])
}
