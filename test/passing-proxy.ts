import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import * as z from 'zod/mini'

/** Passes on to a service what clients say; what becomes of its answers is for who extends it. */
export abstract class PassingProxy {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  protected constructor(target: string) {
    const { port, hostname } = new URL(target)
    this.#server = createServer((client) => {
      const upstream = connect(Number(port), hostname)
      this.#join(client, upstream)
      this.#join(upstream, client)
      client.on('data', (bytes) => upstream.write(bytes))
      this.passBack(upstream, client)
    })
  }

  get url(): string {
    const { port } = z.object({ port: z.int() }).parse(this.#server.address())
    return `http://127.0.0.1:${port}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }

  protected async listen(): Promise<void> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
  }

  /** A connection begins; reads from `upstream` and writes to `client`. */
  protected abstract passBack(upstream: Socket, client: Socket): void

  /** Where one side ends the other does too, as without anything in between. */
  #join(socket: Socket, other: Socket): void {
    this.#sockets.add(socket)
    socket.on('error', () => other.destroy())
    socket.on('close', () => {
      this.#sockets.delete(socket)
      other.destroy()
    })
  }
}
