import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import * as z from 'zod/mini'

/** Passes everything on to a service, but ends a connection as soon as the service answers on it, so many times. */
export class CuttingProxy {
  /** Answers that were cut. */
  cut = 0
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  private constructor(target: URL, cuts: number) {
    this.#server = createServer((client) => {
      const upstream = connect(Number(target.port), target.hostname)
      for (const [socket, other] of [
        [client, upstream],
        [upstream, client],
      ] as const) {
        this.#sockets.add(socket)
        socket.on('error', () => other.destroy())
        socket.on('close', () => {
          this.#sockets.delete(socket)
          other.destroy()
        })
      }
      client.on('data', (bytes) => upstream.write(bytes))
      upstream.on('data', (bytes) => {
        if (this.cut === cuts) {
          client.write(bytes)
          return
        }
        this.cut++
        client.resetAndDestroy()
      })
    })
  }

  static async start(target: string, { cuts }: { cuts: number }): Promise<CuttingProxy> {
    const proxy = new CuttingProxy(new URL(target), cuts)
    proxy.#server.listen(0, '127.0.0.1')
    await once(proxy.#server, 'listening')
    return proxy
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
}
