import type { Socket } from 'node:net'
import { PassingProxy } from '../passing-proxy.js'

/** Passes everything on to a service, but ends a connection as soon as the service answers on it, so many times. */
export class CuttingProxy extends PassingProxy {
  /** Answers that were cut. */
  cut = 0
  readonly #cuts: number

  private constructor(target: string, cuts: number) {
    super(target)
    this.#cuts = cuts
  }

  static async start(target: string, { cuts }: { cuts: number }): Promise<CuttingProxy> {
    const proxy = new CuttingProxy(target, cuts)
    await proxy.listen()
    return proxy
  }

  protected override passBack(upstream: Socket, client: Socket): void {
    upstream.on('data', (bytes) => {
      if (this.cut === this.#cuts) {
        client.write(bytes)
        return
      }
      this.cut++
      client.resetAndDestroy()
    })
  }
}
