import type { Up } from '../protocol/up/index.js'
import type { FrameEvent } from './events.js'
import type { ClientSocket, Environment, SocketRequest } from './environment.js'
import { readFrames, type Frame } from './frames.js'

/** From the attempt to the welcome. */
const WELCOME_WITHIN_MS = 20_000
/** From a `ping` of ours to any frame (the contract's §4, "Liveness"). */
const PONG_WITHIN_MS = 10_000
/** From our goodbye to the other side's. */
const GOODBYE_WITHIN_MS = 2_000

/** How a link ended. */
export interface LinkEnd {
  code: number
  reason: string
  /** What `draining` asked for before. */
  reconnectAfterMs: number | undefined
}

export interface LinkEvents {
  frame(frame: Frame): void
  /** A text passes over the socket. */
  passed(direction: FrameEvent['direction'], text: string): void
  /** A frame could not be read that should have been. */
  unreadable(detail: string): void
  /** Comes once, and nothing after it. */
  ended(end: LinkEnd): void
}

/**
 * One socket: what it says as frames, and whether the other side lives. Until the welcome it has 20 s. From then on a link on
 * which no frame has come for the heartbeat's time asks by `ping`, and has ended where nothing comes in 10 s: a page can't see
 * the protocol's own pings.
 */
export class Link {
  readonly #environment: Environment
  readonly #events: LinkEvents
  readonly #socket: ClientSocket
  #heartbeatMs: number | undefined
  #heardAt: number
  #cancelTimer: () => void
  #pinged = false
  #reconnectAfterMs: number | undefined
  #over = false
  #closed: (() => void) | undefined

  constructor(environment: Environment, request: SocketRequest, events: LinkEvents) {
    this.#environment = environment
    this.#events = events
    this.#heardAt = environment.now()
    // First the socket, which may throw.
    this.#socket = environment.openSocket(request, {
      received: (text) => this.#receive(text),
      closed: (code, reason) => this.#end(code, reason),
    })
    this.#cancelTimer = environment.after(WELCOME_WITHIN_MS, () => this.#giveUp('no welcome'))
  }

  send(command: Up & { id?: string }): void {
    if (this.#over || this.#heartbeatMs === undefined) return
    const text = JSON.stringify(command)
    this.#socket.send(text)
    // A token is not shown.
    const isShown = command.type !== 'authenticate'
    this.#events.passed('sent', isShown ? text : JSON.stringify({ ...command, payload: {} }))
  }

  /** Asks for a sign of life now: the machine may have slept, or the network changed. */
  look(): void {
    if (this.#over || this.#pinged || this.#heartbeatMs === undefined) return
    this.#pinged = true
    this.send({ type: 'ping' })
    this.#cancelTimer()
    this.#cancelTimer = this.#environment.after(PONG_WITHIN_MS, () => this.#giveUp('no answer'))
  }

  /** Says goodbye; resolves when the socket is closed. No event comes any more. */
  async close(): Promise<void> {
    if (this.#over) return
    this.#over = true
    this.#cancelTimer()
    const closed = new Promise<void>((resolve) => (this.#closed = resolve))
    const cancel = this.#environment.after(GOODBYE_WITHIN_MS, () => {
      this.#socket.abandon()
      this.#closed?.()
    })
    this.#socket.close(1000, 'done')
    await closed
    cancel()
  }

  /** Lets go of the socket at once. No event comes any more. */
  abandon(): void {
    if (this.#over) return
    this.#over = true
    this.#cancelTimer()
    this.#socket.abandon()
  }

  #receive(text: string): void {
    if (this.#over) return
    this.#heardAt = this.#environment.now()
    this.#events.passed('received', text)
    if (this.#pinged) {
      this.#pinged = false
      this.#armHeartbeat()
    }
    const { frames, faults } = readFrames(text)
    for (const fault of faults) this.#events.unreadable(fault)
    for (const frame of frames) {
      if (this.#isOver()) return
      if (frame.type === 'welcome') {
        this.#heartbeatMs = frame.payload.heartbeatMs
        this.#armHeartbeat()
      }
      if (frame.type === 'draining') this.#reconnectAfterMs = frame.payload.reconnectAfterMs
      this.#events.frame(frame)
    }
  }

  /** A handler of a frame may have closed the link. */
  #isOver(): boolean {
    return this.#over
  }

  #armHeartbeat(): void {
    if (this.#heartbeatMs === undefined) return
    this.#cancelTimer()
    const silentFor = this.#environment.now() - this.#heardAt
    // A wall clock that was set back must not put the look off.
    const wait = Math.max(0, this.#heartbeatMs - Math.max(0, silentFor))
    this.#cancelTimer = this.#environment.after(wait, () => {
      // One timer for all frames of a heartbeat, rather than a new one for each.
      if (this.#environment.now() - this.#heardAt < (this.#heartbeatMs ?? 0)) this.#armHeartbeat()
      else this.look()
    })
  }

  #giveUp(why: string): void {
    this.#socket.abandon()
    this.#end(1006, why)
  }

  #end(code: number, reason: string): void {
    this.#closed?.()
    if (this.#over) return
    this.#over = true
    this.#cancelTimer()
    this.#events.ended({ code, reason, reconnectAfterMs: this.#reconnectAfterMs })
  }
}
