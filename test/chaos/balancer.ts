import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import * as z from 'zod/mini'

/** Milliseconds between two questions whether a node is ready. */
const ASKED_EVERY_MS = 200

/** Milliseconds after which a node that does not answer is not ready. */
const PATIENCE_MS = 2_000

/** A node as the balancer sees it. */
interface Target {
  url: URL
  isReady: boolean
}

/** Shares connections out among the nodes that say that they are ready, in turn, as a TCP balancer does. */
export class Balancer {
  readonly #server: Server
  readonly #targets = new Map<string, Target>()
  readonly #sockets = new Set<Socket>()
  readonly #asking: NodeJS.Timeout
  #turn = 0

  private constructor() {
    this.#server = createServer((client) => {
      this.#own(client)
      this.#lead(client, this.#order())
    })
    this.#asking = setInterval(() => void this.#ask(), ASKED_EVERY_MS)
  }

  static async open(): Promise<Balancer> {
    const balancer = new Balancer()
    balancer.#server.listen(0, '127.0.0.1')
    await once(balancer.#server, 'listening')
    return balancer
  }

  get url(): string {
    const { port } = z.object({ port: z.int() }).parse(this.#server.address())
    return `http://127.0.0.1:${port}`
  }

  /** Where a node is now; it gets connections when it has said that it is ready. */
  async set(node: string, url: string): Promise<void> {
    this.#targets.set(node, { url: new URL(url), isReady: false })
    await this.#ask()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#asking)
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }

  async #ask(): Promise<void> {
    await Promise.all(
      [...this.#targets.values()].map(async (target) => {
        try {
          const signal = AbortSignal.timeout(PATIENCE_MS)
          const answer = await fetch(new URL('/readyz', target.url), { signal })
          await answer.text()
          target.isReady = answer.ok
        } catch {
          target.isReady = false
        }
      }),
    )
  }

  /** Those that are ready, another one first each time. */
  #order(): Target[] {
    const ready = [...this.#targets.values()].filter(({ isReady }) => isReady)
    const first = ready.length === 0 ? 0 : this.#turn++ % ready.length
    return [...ready.slice(first), ...ready.slice(0, first)]
  }

  /** Leads a client to the first that takes the connection; where none does, it is sent away. */
  #lead(client: Socket, [target, ...others]: Target[]): void {
    if (!target || client.destroyed) {
      client.destroy()
      return
    }
    const upstream = connect(Number(target.url.port), target.url.hostname)
    const refused = (): void => {
      target.isReady = false
      this.#lead(client, others)
    }
    upstream.once('error', refused)
    upstream.once('connect', () => {
      upstream.off('error', refused)
      this.#own(upstream)
      client.on('close', () => upstream.destroy())
      upstream.on('close', () => client.destroy())
      client.pipe(upstream).pipe(client)
    })
  }

  #own(socket: Socket): void {
    socket.setNoDelay()
    this.#sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => this.#sockets.delete(socket))
  }
}
