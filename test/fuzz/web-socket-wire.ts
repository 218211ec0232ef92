/** A frame of a WebSocket (RFC 6455 §5.2), as right or as wrong as whoever makes it likes. */
export interface WireFrame {
  fin: boolean
  /** The three reserved bits, 0–7. */
  reserved: number
  opcode: number
  masked: boolean
  /** In which form the length is written: 7, 16 or 64 bits. */
  lengthBits: 7 | 16 | 64
  /** What the length says, where it is not that of the payload. */
  declared: bigint | undefined
  payload: Buffer
}

const MASK = Buffer.from([0x12, 0x34, 0x56, 0x78])

export function encodeFrame(frame: WireFrame): Buffer {
  const { fin, reserved, opcode, masked, payload } = frame
  const length = frame.declared ?? BigInt(payload.length)
  const first = (fin ? 0x80 : 0) | (reserved << 4) | opcode
  return Buffer.concat([
    Buffer.from([first]),
    encodeLength(length, frame.lengthBits, masked ? 0x80 : 0),
    ...(masked ? [MASK, payload.map((byte, at) => byte ^ (MASK[at % 4] ?? 0))] : [payload]),
  ])
}

function encodeLength(length: bigint, bits: 7 | 16 | 64, mask: number): Buffer {
  if (bits === 7) return Buffer.from([mask | Number(length & 0x7fn)])
  const bytes = Buffer.alloc(bits === 16 ? 3 : 9)
  bytes[0] = mask | (bits === 16 ? 126 : 127)
  if (bits === 16) bytes.writeUInt16BE(Number(length & 0xffffn), 1)
  else bytes.writeBigUInt64BE(BigInt.asUintN(64, length), 1)
  return bytes
}

/** A text frame as a client should send it. */
export function textFrame(text: string): Buffer {
  const payload = Buffer.from(text)
  return encodeFrame({
    fin: true,
    reserved: 0,
    opcode: 1,
    masked: true,
    lengthBits: payload.length < 126 ? 7 : 16,
    declared: undefined,
    payload,
  })
}

/** A close frame (RFC 6455 §5.5.1). */
export function closeFrame(code: number): Buffer {
  const payload = Buffer.from([code >> 8, code & 0xff])
  return encodeFrame({
    fin: true,
    reserved: 0,
    opcode: 8,
    masked: true,
    lengthBits: 7,
    declared: undefined,
    payload,
  })
}

/** Whether a close frame with this code may be among these bytes, masked or not; 1005 stands for none. */
export function holdsCode(bytes: Buffer, code: number): boolean {
  const plain = Buffer.from([code >> 8, code & 0xff])
  const masked = Buffer.from(plain.map((byte, at) => byte ^ (MASK[at] ?? 0)))
  return code === 1005 || bytes.includes(plain) || bytes.includes(masked)
}

/** Reads the frames of a server as they come, in whatever pieces. */
export class WireReader {
  #unread = Buffer.alloc(0)

  /** @throws Error for a frame that a server must not send: masked, in fragments or with reserved bits */
  read(chunk: Buffer): { opcode: number; payload: Buffer }[] {
    this.#unread = Buffer.concat([this.#unread, chunk])
    const frames: { opcode: number; payload: Buffer }[] = []
    for (;;) {
      const [first, second] = this.#unread
      if (first === undefined || second === undefined) return frames
      if ((first & 0xf0) !== 0x80 || (second & 0x80) !== 0) {
        throw new Error(`the server sent a frame that begins with ${first} ${second}`)
      }
      const bytes = second === 127 ? 8 : second === 126 ? 2 : 0
      if (this.#unread.length < 2 + bytes) return frames
      const length =
        bytes === 0 ? second : Number(`0x${this.#unread.toString('hex', 2, 2 + bytes)}`)
      const end = 2 + bytes + length
      if (this.#unread.length < end) return frames
      frames.push({ opcode: first & 0x0f, payload: this.#unread.subarray(2 + bytes, end) })
      this.#unread = this.#unread.subarray(end)
    }
  }
}
