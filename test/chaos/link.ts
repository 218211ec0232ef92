import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import * as z from 'zod/mini'

/** The line between a node and what it speaks to, which a test may cut, or let fall silent. */
export class Link {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #state: 'open' | 'cut' | 'silent' = 'open'

  private constructor(port: number) {
    this.#server = createServer((client) => {
      if (this.#state === 'cut') {
        client.destroy()
        return
      }
      const upstream = connect(port, '127.0.0.1')
      this.#join(client, upstream)
      this.#join(upstream, client)
    })
  }

  /** Leads to a port of this machine. */
  static async open(port: number): Promise<Link> {
    const link = new Link(port)
    link.#server.listen(0, '127.0.0.1')
    await once(link.#server, 'listening')
    return link
  }

  get port(): number {
    return z.object({ port: z.int() }).parse(this.#server.address()).port
  }

  /** Ends what is connected, and lets nobody in until `mend`; gives how many connections it has ended. */
  cut(): number {
    this.#state = 'cut'
    const ended = this.#sockets.size / 2
    for (const socket of this.#sockets) socket.destroy()
    return ended
  }

  /** Nothing passes any more, and nobody is told, as where packets are dropped; gives how many connections that falls on. */
  silence(): number {
    this.#state = 'silent'
    for (const socket of this.#sockets) socket.pause()
    return this.#sockets.size / 2
  }

  /** Works again; what was held back in silence comes late. */
  mend(): void {
    this.#state = 'open'
    for (const socket of this.#sockets) socket.resume()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #join(from: Socket, to: Socket): void {
    this.#sockets.add(from)
    from.setNoDelay()
    if (this.#state === 'silent') from.pause()
    // What the two say is little: nobody has to wait for the other.
    from.on('data', (bytes) => to.write(bytes))
    from.on('end', () => to.end())
    from.on('error', () => to.destroy())
    from.on('close', () => {
      this.#sockets.delete(from)
      to.destroy()
    })
  }
}
