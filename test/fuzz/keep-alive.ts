import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { readAnswer, type HttpAnswer } from './http-answers.js'
import type { HttpInput } from './http-inputs.js'

/** A connection that has one request under way at a time and is made anew where the service ends it. */
class KeepAlive {
  readonly #url: URL
  #socket: Socket | undefined

  constructor(url: string) {
    this.#url = new URL(url)
  }

  /** @throws Error where no answer comes */
  async exchange(request: Buffer, method: string): Promise<HttpAnswer> {
    // A server may end an idle connection just as a request is written to it: RFC 9112 §9.3.1 has the client try again.
    const kept = this.#socket
    const answer = (kept && (await this.#ask(kept, request, method))) ?? undefined
    if (answer) return answer
    const fresh = connect(Number(this.#url.port), this.#url.hostname)
    fresh.setNoDelay(true)
    fresh.on('error', () => undefined)
    this.#socket = fresh
    const second = await this.#ask(fresh, request, method)
    if (!second) throw new Error('the connection was closed without an answer')
    return second
  }

  async close(): Promise<void> {
    if (!this.#socket || this.#socket.closed) return
    this.#socket.destroy()
    await once(this.#socket, 'close')
  }

  async #ask(socket: Socket, request: Buffer, method: string): Promise<HttpAnswer | undefined> {
    if (socket.destroyed || socket.readableEnded) return undefined
    let text = ''
    const answer = await new Promise<HttpAnswer | undefined>((resolve, reject) => {
      const read = (chunk: Buffer): void => {
        text += chunk.toString('latin1')
        try {
          const found = readAnswer(text, method)
          if (!found) return
          if (found.end < text.length && !isUnread(found.answer, method)) {
            throw new Error(`two answers to one request: ${text}`)
          }
          settle(() => resolve(found.answer))
        } catch (error) {
          settle(() => reject(error instanceof Error ? error : new Error(String(error))))
        }
      }
      const ended = (): void => {
        settle(() => (text === '' ? resolve(undefined) : reject(new Error(`half: ${text}`))))
      }
      const settle = (how: () => void): void => {
        socket.off('data', read)
        socket.off('close', ended)
        how()
      }
      socket.on('data', read)
      socket.on('close', ended)
      socket.write(request)
    })
    if (answer?.headers.get('connection') === 'close') socket.destroy()
    return answer
  }
}

/** A request that could not be read was never known to be a HEAD: its answer has a body, and is the connection's last. */
function isUnread({ status, headers }: HttpAnswer, method: string): boolean {
  return method === 'HEAD' && status === 400 && headers.get('connection') === 'close'
}

/** As many connections as there are requests under way at once. */
export class KeepAlivePool {
  readonly #url: string
  readonly #idle: KeepAlive[] = []

  constructor(url: string) {
    this.#url = url
  }

  async exchange(input: HttpInput): Promise<HttpAnswer> {
    const connection = this.#idle.pop() ?? new KeepAlive(this.#url)
    try {
      return await connection.exchange(encodeRequest(input), input.method)
    } finally {
      this.#idle.push(connection)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#idle.map((connection) => connection.close()))
  }
}

function encodeRequest({ method, path, headers, body, chunked }: HttpInput): Buffer {
  const framing = chunked ? 'transfer-encoding: chunked' : `content-length: ${body.length}`
  const lines = headers.map(([name, value]) => `${name}: ${value}`)
  const host = headers.some(([name]) => name === 'host') ? [] : ['host: localhost']
  const head = [`${method} ${path} HTTP/1.1`, ...host, ...lines, framing, '', ''].join('\r\n')
  return Buffer.concat([Buffer.from(head), ...(chunked ? chunksOf(body) : [body])])
}

/** A body in two chunks, the first of them short. */
function chunksOf(body: Buffer): Buffer[] {
  const chunks = [body.subarray(0, 3), body.subarray(3)].filter(({ length }) => length > 0)
  return [
    ...chunks.flatMap((chunk) => [
      Buffer.from(`${chunk.length.toString(16)}\r\n`),
      chunk,
      Buffer.from('\r\n'),
    ]),
    Buffer.from('0\r\n\r\n'),
  ]
}
