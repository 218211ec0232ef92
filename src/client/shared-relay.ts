import { isOfToken } from './closes.js'
import type { Frame, FrameOf } from './frames.js'

type LogFrame = FrameOf<'gap' | 'notification' | 'updated' | 'removed'>

/**
 * What a tab that comes late must hear of the connection: how it stands, and what has come that the leader's application has not
 * handled yet. The service sends no more of that than its window, `maxUnacked`.
 */
export class Relay {
  readonly #welcome: FrameOf<'welcome'>
  /** Up to where the leader's application has handled the log. */
  readonly #handled: () => number
  #waiting: LogFrame[] = []
  /** Up to where the log was told. */
  #told: number
  #isLive = false
  #counts: { unread: number; unseen: number }

  constructor(welcome: FrameOf<'welcome'>, handled: () => number) {
    this.#welcome = welcome
    this.#handled = handled
    this.#told = handled()
    this.#counts = welcome.payload
  }

  get connection(): string {
    return this.#welcome.payload.connection
  }

  /** Takes what the leader hears, before its application does; false where it is for the leader alone. */
  hear(frame: Frame): boolean {
    switch (frame.type) {
      case 'gap':
        // Another life of the log: nothing of the former counts.
        if (frame.payload.reason === 'epoch') {
          this.#waiting = []
          this.#told = frame.payload.to
          return true
        }
        this.#keep(frame, frame.payload.to)
        return true
      case 'notification':
      case 'updated':
      case 'removed':
        this.#count(frame.payload)
        this.#keep(frame, frame.payload.seq)
        return true
      case 'counts':
        this.#count(frame.payload)
        return true
      case 'caught_up':
        this.#count(frame.payload)
        this.#told = Math.max(this.#told, frame.payload.seq)
        this.#isLive = true
        return true
      case 'ephemeral':
      case 'reply':
        return true
      // What comes before a close for the leader's token.
      case 'error':
        return frame.id !== undefined || !isOfToken(frame.payload.code)
      case 'welcome':
      case 'token_expiring':
      case 'draining':
      case 'pong':
        return false
    }
  }

  /** The connection as it is now, for whoever joins it now. */
  frames(): Frame[] {
    const cursor = this.#handled()
    const latest = Math.max(this.#welcome.payload.latest, this.#told)
    const payload = { ...this.#welcome.payload, ...this.#counts, cursor, latest }
    const waiting = this.#waiting.filter((frame) => seqOf(frame) > cursor)
    const caughtUp: Frame = { type: 'caught_up', payload: { seq: this.#told, ...this.#counts } }
    return [{ ...this.#welcome, payload }, ...waiting, ...(this.#isLive ? [caughtUp] : [])]
  }

  #keep(frame: LogFrame, seq: number): void {
    const handled = this.#handled()
    this.#waiting = this.#waiting.filter((waiting) => seqOf(waiting) > handled)
    this.#waiting.push(frame)
    this.#told = Math.max(this.#told, seq)
  }

  #count({ unread, unseen }: { unread?: number | undefined; unseen?: number | undefined }): void {
    if (unread !== undefined && unseen !== undefined) this.#counts = { unread, unseen }
  }
}

function seqOf(frame: LogFrame): number {
  return frame.type === 'gap' ? frame.payload.to : frame.payload.seq
}
