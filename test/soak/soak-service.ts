import * as z from 'zod/mini'
import { Child } from '../bench/child.js'
import { PROGRAM } from '../bench/service-process.js'

const Line = z.looseObject({ level: z.string(), msg: z.string() })
const ListeningLine = z.object({ msg: z.literal('listening'), url: z.string() })

/** One life of the built service, as its operator would start it. */
export class SoakService {
  readonly url: string
  /** `performance.now()` when it listened. */
  readonly begun = performance.now()
  readonly #child: Child
  #isStopped = false

  private constructor(child: Child, url: string) {
    this.#child = child
    this.url = url
  }

  /** Starts it; `complain` is called with each line of its log that says that something failed. */
  static async start(
    database: string,
    secret: string,
    complain: (line: string) => void,
  ): Promise<SoakService> {
    const child = Child.spawn([PROGRAM, 'serve'], {
      HOST: '127.0.0.1',
      PORT: '0',
      JWT_SECRET: secret,
      DATABASE_URL: `sqlite:${database}`,
      LOG_LEVEL: 'info',
    })
    const { url } = await child.next(ListeningLine)
    const service = new SoakService(child, url)
    void service.#hear(complain)
    return service
  }

  get pid(): number {
    const { pid } = this.#child
    if (pid === undefined) throw new Error('the service was not started')
    return pid
  }

  /** Ends it, by its own draining or without warning. */
  async stop(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    this.#isStopped = true
    if (signal === 'SIGKILL') await this.#child.kill()
    else await this.#child[Symbol.asyncDispose]()
  }

  /** Takes each line of its log as it comes, to the end: nothing is kept. */
  async #hear(complain: (line: string) => void): Promise<void> {
    try {
      for (;;) {
        const line = await this.#child.next(Line)
        if (line.level === 'error' || line.level === 'fatal') complain(JSON.stringify(line))
      }
    } catch {
      if (!this.#isStopped) complain('it ended by itself')
    }
  }
}
