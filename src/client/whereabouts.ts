import type { Attempt, Log } from './log.js'
import { socketUrl } from './options.js'
import { SHARED_VERSION } from './shared-messages.js'
import { subjectOf } from './subject.js'

export interface WhereaboutsOptions {
  /** The service's address. */
  url: string | URL
  device: () => string | Promise<string>
  log: Pick<Log, 'prepare'>
}

/** Where this device connects to, from where in the log, and under which names things of it are kept and shared. */
export class Whereabouts {
  readonly #options: WhereaboutsOptions
  #attempt: Attempt | undefined

  constructor(options: WhereaboutsOptions) {
    this.#options = options
  }

  /** The latest that was made ready. */
  get attempt(): Attempt | undefined {
    return this.#attempt
  }

  /** Tabs share a connection where all of this is the same: a token of another user is never among them. */
  async group(token: string): Promise<string | undefined> {
    const { key } = await this.#place()
    const subject = subjectOf(token)
    return subject === undefined ? undefined : `${key}:${SHARED_VERSION}:${subject}`
  }

  /** Makes ready for another tab's connection, which starts where that tab says. */
  async prepare(token: string): Promise<void> {
    const { key } = await this.#place()
    this.#attempt = await this.#options.log.prepare(key, subjectOf(token))
  }

  /** Makes ready for a connection of this tab's own, and gives its address. */
  async address(token: string): Promise<URL> {
    const { device, key } = await this.#place()
    this.#attempt = await this.#options.log.prepare(key, subjectOf(token))
    return socketUrl(this.#options.url, { device, batch: true, ...this.#attempt.start })
  }

  /** This device of the service, as the name under which things of it are kept. */
  async #place(): Promise<{ device: string; key: string }> {
    const device = await this.#options.device()
    const { host, pathname } = socketUrl(this.#options.url, {})
    return { device, key: `posthorn:${host}${pathname}:${device}` }
  }
}
