import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import * as z from 'zod/mini'

/**
 * An address that stays while the service behind it comes and goes: each start takes a free port, since the one before may
 * be someone else's by then.
 */
export class Doorway {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #target: URL
  #isCut = false

  private constructor(target: string) {
    this.#target = new URL(target)
    this.#server = createServer((client) => {
      if (this.#isCut) {
        client.destroy()
        return
      }
      const upstream = connect(Number(this.#target.port), this.#target.hostname)
      this.#join(client, upstream)
      this.#join(upstream, client)
    })
  }

  /** At `host`, on the port, or on a free one. */
  static async open(target: string, host = '127.0.0.1', port = 0): Promise<Doorway> {
    const doorway = new Doorway(target)
    doorway.#server.listen(port, host)
    await once(doorway.#server, 'listening')
    return doorway
  }

  get url(): string {
    const { address, port } = z
      .object({ address: z.string(), port: z.int() })
      .parse(this.#server.address())
    return `http://${address}:${port}`
  }

  /** Leads new connections to where the service is now. */
  leadTo(target: string): void {
    this.#target = new URL(target)
  }

  /** The network is gone: what is connected ends, and nobody comes in until `mend`. */
  cut(): void {
    this.#isCut = true
    for (const socket of this.#sockets) socket.destroy()
  }

  mend(): void {
    this.#isCut = false
  }

  #join(from: Socket, to: Socket): void {
    this.#sockets.add(from)
    from.pipe(to)
    // Where one side is cut the other is too, as without anything in between.
    from.on('error', () => to.destroy())
    from.on('close', () => {
      this.#sockets.delete(from)
      to.destroy()
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }
}
