import type { Socket } from 'node:net'
import * as z from 'zod/mini'
import { PassingProxy } from '../passing-proxy.js'

/** What becomes of an event that is on its way. */
export const Breakage = z.enum(['drop', 'double'])
export type Breakage = z.infer<typeof Breakage>

/** One of so many notifications is broken: enough that some are not marked, replaced or recalled before the end. */
const ONE_IN = 40

const TEXT = 0x81

/**
 * Passes everything on to a service and back, but drops or doubles a notification now and then, as a service would that is
 * wrong: what holds a service to its promises must notice.
 */
export class BreakingProxy extends PassingProxy {
  readonly #breakage: Breakage
  #seen = 0

  private constructor(target: string, breakage: Breakage) {
    super(target)
    this.#breakage = breakage
  }

  static async start(target: string, breakage: Breakage): Promise<BreakingProxy> {
    const proxy = new BreakingProxy(target, breakage)
    await proxy.listen()
    return proxy
  }

  /** Bytes, until a handshake has succeeded; from then on frame by frame (RFC 6455 §5.2: a server's are not masked). */
  protected override passBack(upstream: Socket, client: Socket): void {
    let isWebSocket = false
    let unread = Buffer.alloc(0)
    upstream.on('data', (bytes: Buffer) => {
      if (!isWebSocket) {
        const head = bytes.indexOf('\r\n\r\n')
        isWebSocket = head !== -1 && bytes.toString('latin1', 0, 12) === 'HTTP/1.1 101'
        const passed = isWebSocket ? head + 4 : bytes.length
        client.write(bytes.subarray(0, passed))
        unread = Buffer.from(bytes.subarray(passed))
      } else {
        unread = Buffer.concat([unread, bytes])
      }
      if (!isWebSocket) return
      for (;;) {
        const length = frameLength(unread)
        if (length === undefined || unread.length < length) break
        const frame = unread.subarray(0, length)
        for (let times = this.#timesOf(frame); times > 0; times--) client.write(frame)
        unread = unread.subarray(length)
      }
    })
  }

  #timesOf(frame: Buffer): number {
    if (frame[0] !== TEXT || !frame.includes('{"type":"notification"')) return 1
    this.#seen += 1
    if (this.#seen % ONE_IN !== 0) return 1
    return this.#breakage === 'drop' ? 0 : 2
  }
}

/** Of the frame at the beginning, its head included; undefined where too little of it is there. */
function frameLength(bytes: Buffer): number | undefined {
  if (bytes.length < 2) return undefined
  const short = bytes.readUInt8(1)
  if (short < 126) return 2 + short
  if (short === 126) return bytes.length < 4 ? undefined : 4 + bytes.readUInt16BE(2)
  return bytes.length < 10 ? undefined : 10 + Number(bytes.readBigUInt64BE(2))
}
