/** A text frame, not masked and not one of several: FIN and the opcode 1 (RFC 6455 §5.2). */
const TEXT = 0x81

/** Payloads from so many bytes on tell their length in two bytes more, or in eight. */
const MIDDLE = 126
const LONG = 0x1_00_00

/** A text as the bytes of its WebSocket frame, as a server sends it (RFC 6455 §5.2). */
export function textFrame(text: string): Buffer {
  const bytes = Buffer.byteLength(text)
  const start = startSize(bytes)
  const frame = Buffer.allocUnsafe(start + bytes)
  writeStart(frame, bytes)
  frame.write(text, start)
  return frame
}

/** What stands in a frame before a text of so many bytes. */
export function frameStart(bytes: number): Buffer {
  const start = Buffer.allocUnsafe(startSize(bytes))
  writeStart(start, bytes)
  return start
}

function startSize(bytes: number): number {
  return bytes < MIDDLE ? 2 : bytes < LONG ? 4 : 10
}

function writeStart(frame: Buffer, bytes: number): void {
  frame[0] = TEXT
  if (bytes < MIDDLE) {
    frame[1] = bytes
  } else if (bytes < LONG) {
    frame[1] = MIDDLE
    frame.writeUInt16BE(bytes, 2)
  } else {
    frame[1] = MIDDLE + 1
    frame.writeBigUInt64BE(BigInt(bytes), 2)
  }
}
