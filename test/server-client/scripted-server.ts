import { once } from 'node:events'
import { createServer, type Server, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import * as z from 'zod/mini'

/** A request as it came. */
export interface Received {
  method: string
  path: string
  headers: Record<string, string | string[] | undefined>
  /** Parsed, or undefined where there is none. */
  body: unknown
}

/** What the server does with one request. */
export type Step = (response: ServerResponse, request: Received) => void

/** A server on loopback that answers by a script, whose last step goes on for ever, and remembers what came. */
export class ScriptedServer {
  readonly received: Received[] = []
  readonly #server: Server
  readonly #steps: Step[]

  private constructor(steps: Step[]) {
    this.#steps = steps
    this.#server = createServer((request, response) => {
      void text(request).then((body) => {
        const { method = '', url = '', headers } = request
        const parsed: unknown = body === '' ? undefined : JSON.parse(body)
        const received = { method, path: url, headers, body: parsed }
        const step = this.#steps[Math.min(this.received.length, this.#steps.length - 1)]
        this.received.push(received)
        step?.(response, received)
      })
    })
  }

  static async start(...steps: Step[]): Promise<ScriptedServer> {
    const scripted = new ScriptedServer(steps)
    scripted.#server.listen(0, '127.0.0.1')
    await once(scripted.#server, 'listening')
    return scripted
  }

  get url(): string {
    const { port } = z.object({ port: z.int() }).parse(this.#server.address())
    return `http://127.0.0.1:${port}`
  }

  header(name: string): (string | string[] | undefined)[] {
    return this.received.map(({ headers }) => headers[name])
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }
}

/** An answer of the service: JSON where there is a body. */
export function answer(status: number, body?: unknown, headers: Record<string, string> = {}): Step {
  return (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end(body === undefined ? undefined : JSON.stringify(body))
  }
}

/** A problem of the service. */
export function problem(
  status: number,
  code: string,
  { headers = {}, ...fields }: { headers?: Record<string, string>; [field: string]: unknown } = {},
): Step {
  const body = {
    type: `urn:posthorn:error:${code}`,
    title: 'What went wrong',
    status,
    detail: 'More of it.',
    code,
    requestId: 'request-1',
    ...fields,
  }
  return answer(status, body, { 'content-type': 'application/problem+json', ...headers })
}

/** The page of something that stands between. */
export function page(status: number, headers: Record<string, string> = {}): Step {
  return (response) => {
    response.writeHead(status, { 'content-type': 'text/html', ...headers })
    response.end('<h1>It works, somewhere else</h1>')
  }
}

/** The connection ends before an answer. */
export const reset: Step = (response) => void response.socket?.resetAndDestroy()

/** The connection ends in the middle of an answer. */
export const cut: Step = (response) => {
  response.writeHead(201, { 'content-type': 'application/json', 'content-length': '500' })
  response.write('{"id":', () => response.socket?.destroy())
}

export const RECEIPT = {
  id: '01a205a4-f684-7159-8251-0ba1ed83d765',
  status: 'stored',
  seq: 1,
  recipients: { total: 1, stored: 1 },
  createdAt: '2026-11-22T10:00:00.000Z',
  expiresAt: null,
}

/** The answer to a send. */
export const stored: Step = answer(201, RECEIPT)
