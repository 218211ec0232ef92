import { Down } from '../../src/protocol/down/index.js'
import type { SocketLike } from '../../src/socket/socket-like.js'
import { isEntry, type EntryMessage } from '../client.js'

/** A socket in memory: keeps what it was sent, and buffers as much as a test says. */
export class FakeSocket implements SocketLike {
  bufferedAmount = 0
  readonly frames: string[] = []
  pings = 0
  isHeld = false
  closedWith: { code: number; reason: string } | undefined
  /** Called on each send; a test may let the buffer grow here. */
  onSend: (text: string) => void = () => undefined

  sendText(sent: string | Uint8Array): void {
    const text = typeof sent === 'string' ? sent : new TextDecoder().decode(sent)
    this.frames.push(text)
    this.onSend(text)
  }

  hold(): void {
    this.isHeld = true
  }

  flush(): void {
    this.isHeld = false
  }

  ping(): void {
    this.pings++
  }

  close(code: number, reason: string): void {
    this.closedWith = { code, reason }
  }

  get messages(): Down[] {
    return this.frames.flatMap((frame) => {
      const json: unknown = JSON.parse(frame)
      return (Array.isArray(json) ? json : [json]).map((message) => Down.parse(message))
    })
  }

  get types(): string[] {
    return this.messages.map(({ type }) => type)
  }

  get seqs(): number[] {
    return this.messages.flatMap((message) =>
      message.type === 'notification' ? [message.payload.seq] : [],
    )
  }

  /** What was told of the log: of each entry its `seq`, and how it came. */
  get entries(): [type: EntryMessage['type'], seq: number][] {
    return this.messages.flatMap((message): [type: EntryMessage['type'], seq: number][] =>
      isEntry(message) ? [[message.type, message.payload.seq]] : [],
    )
  }

  get errors(): string[] {
    return this.messages.flatMap((message) =>
      message.type === 'error' ? [message.payload.code] : [],
    )
  }
}
