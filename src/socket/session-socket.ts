import type { Duplex } from 'node:stream'
import { WebSocket } from 'ws'
import type { Session } from './session.js'
import type { SocketLike } from './socket-like.js'
import { frameStart, textFrame } from './text-frame.js'

/** The WebSocket of a session: ws makes these in place of its own. */
export class SessionSocket extends WebSocket implements SocketLike {
  #session: Session | undefined
  #connection: Duplex | undefined
  #isHeld = false

  /** Tells what it runs over, and whether what is written there is held already. */
  runOver(connection: Duplex, { isHeld }: { isHeld: boolean }): void {
    this.#connection = connection
    this.#isHeld = isHeld
  }

  /** Tells a session what the socket hears. The listeners are the same for all sockets: each of its own would cost 64 bytes in `memory`. */
  attach(session: Session): void {
    this.#session = session
    this.on('message', tellMessage)
    this.on('pong', tellLife)
    this.on('ping', tellLife)
    this.on('close', tellEnd)
    // ws closes with the right code by itself (1002, 1007, 1009) and then emits `close`.
    this.on('error', ignore)
    this.#connection?.on('drain', () => session.drained())
  }

  get session(): Session | undefined {
    return this.#session
  }

  // Without compression ws keeps nothing back, so that a frame may go to the connection itself, in order with those of ws: written
  // at once, as one piece, it costs a fifth less than `send` does (`live`, `topic`).
  sendText(text: string | Uint8Array): void {
    if (this.readyState !== WebSocket.OPEN) return
    if (typeof text === 'string') {
      this.#connection?.write(textFrame(text))
    } else {
      this.#connection?.cork()
      this.#connection?.write(frameStart(text.byteLength))
      this.#connection?.write(text)
      this.#connection?.uncork()
    }
  }

  hold(): void {
    if (this.#isHeld) return
    this.#isHeld = true
    this.#connection?.cork()
  }

  flush(): void {
    if (!this.#isHeld) return
    this.#isHeld = false
    this.#connection?.uncork()
  }

  /** Also called by ws, where the peer says goodbye or breaks the protocol. */
  override close(code?: number, reason?: string | Buffer): void {
    super.close(code, reason)
    this.flush()
  }
}

function sessionOf(webSocket: WebSocket): Session | undefined {
  return webSocket instanceof SessionSocket ? webSocket.session : undefined
}

function tellMessage(this: WebSocket, data: Buffer, isBinary: boolean): void {
  const session = sessionOf(this)
  if (isBinary) session?.receiveBinary()
  else session?.receive(data.toString())
}

function tellLife(this: WebSocket): void {
  sessionOf(this)?.heard()
}

function tellEnd(this: WebSocket, code: number): void {
  sessionOf(this)?.closed(code)
}

function ignore(): void {
  // What has gone wrong is told by the end that follows.
}
