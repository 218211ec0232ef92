import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** An answer as it came; its body is looked at when time is no longer taken. */
export interface Answer {
  status: number
  body: string
}

/**
 * A keep-alive connection that has one request under way at a time. It reads as much of HTTP/1.1 as our answers have
 * (RFC 9112 §6.2, a `Content-Length`) and costs little: a real client would take more of the machine than the server.
 */
export class HttpConnection {
  readonly #socket: Socket
  #answered: (answer: Answer) => void = () => undefined
  #failed: (error: Error) => void = () => undefined
  #unread = ''
  #closing = false

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setNoDelay(true)
    // Answers are ASCII here, so that a character is a byte.
    socket.setEncoding('latin1')
    socket.on('data', (chunk: string) => this.#read(chunk))
    socket.on('error', (error) => this.#failed(error))
    socket.on('close', () => {
      if (!this.#closing) this.#failed(new Error('the server closed a connection'))
    })
  }

  static async open(url: string): Promise<HttpConnection> {
    const { hostname, port } = new URL(url)
    const socket = connect(Number(port), hostname)
    await once(socket, 'connect')
    return new HttpConnection(socket)
  }

  /** Says whom to tell of each answer, and of the end, should the connection end by itself. */
  listen(answered: (answer: Answer) => void, failed: (error: Error) => void): void {
    this.#answered = answered
    this.#failed = failed
  }

  send(request: Buffer): void {
    this.#socket.write(request)
  }

  close(): void {
    this.#closing = true
    this.#socket.destroy()
  }

  #read(chunk: string): void {
    const text = this.#unread + chunk
    const headEnd = text.indexOf('\r\n\r\n')
    const length = headEnd === -1 ? undefined : contentLength(text, headEnd)
    const end = headEnd + 4 + (length ?? 0)
    if (length === undefined || text.length < end) {
      this.#unread = text
      return
    }
    this.#unread = text.slice(end)
    this.#answered({ status: Number(text.slice(9, 12)), body: text.slice(headEnd + 4, end) })
  }
}

/** @throws Error where the head has no `Content-Length`: no answer of ours goes without */
function contentLength(text: string, headEnd: number): number {
  const length = /\r\ncontent-length: (\d+)\r\n/i.exec(text.slice(0, headEnd + 2))?.[1]
  if (length === undefined) throw new Error(`an answer without a length: ${text.slice(0, headEnd)}`)
  return Number(length)
}
