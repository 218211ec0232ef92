/** A text frame, not masked and not one of several: FIN and the opcode 1 (RFC 6455 §5.2). */
const TEXT = 0x81

/** Payloads from so many bytes on tell their length in two bytes more, or in eight. */
const MIDDLE = 126
const LONG = 0x1_00_00

/** A text as the bytes of its WebSocket frame, as a server sends it (RFC 6455 §5.2). */
export function textFrame(text: string): Buffer {
  const bytes = Buffer.byteLength(text)
  const start = bytes < MIDDLE ? 2 : bytes < LONG ? 4 : 10
  const frame = Buffer.allocUnsafe(start + bytes)
  frame[0] = TEXT
  if (start === 2) {
    frame[1] = bytes
  } else if (start === 4) {
    frame[1] = MIDDLE
    frame.writeUInt16BE(bytes, 2)
  } else {
    frame[1] = MIDDLE + 1
    frame.writeBigUInt64BE(BigInt(bytes), 2)
  }
  frame.write(text, start)
  return frame
}
