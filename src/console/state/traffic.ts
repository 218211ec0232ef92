import { ConsoleTraffic } from '../../protocol/console.js'
import type { Trouble } from './ask.js'
import { Observable } from './observable.js'
import { NO_RATES, ratesAfter, type Rates } from './rates.js'
import type { Session } from './session.js'

const EVERY_MS = 1000

/** What goes on in the service, looked at once a second while it runs and the page can be seen. */
export class Traffic extends Observable {
  readonly #session: Session
  #latest: ConsoleTraffic | undefined
  #rates: Rates = NO_RATES
  #trouble: Trouble | undefined
  #stop: (() => void) | undefined

  constructor(session: Session) {
    super()
    this.#session = session
  }

  get latest(): ConsoleTraffic | undefined {
    return this.#latest
  }

  get rates(): Rates {
    return this.#rates
  }

  /** Why there is nothing newer. */
  get trouble(): Trouble | undefined {
    return this.#trouble
  }

  start(): void {
    if (this.#stop) return
    let timer: ReturnType<typeof setTimeout> | undefined
    let isOver = false
    const look = async (): Promise<void> => {
      clearTimeout(timer)
      timer = undefined
      if (document.visibilityState === 'visible') await this.#look()
      if (!isOver) timer = setTimeout(() => void look(), EVERY_MS)
    }
    // Whoever comes back to the page sees it as it is now.
    const seen = (): void => {
      if (timer !== undefined) void look()
    }
    document.addEventListener('visibilitychange', seen)
    this.#stop = () => {
      isOver = true
      clearTimeout(timer)
      document.removeEventListener('visibilitychange', seen)
    }
    void look()
  }

  stop(): void {
    this.#stop?.()
    this.#stop = undefined
  }

  async #look(): Promise<void> {
    const answer = await this.#session.call(ConsoleTraffic, '/console/traffic')
    if (answer.ok) {
      this.#rates = ratesAfter(this.#rates, this.#latest, answer.value)
      this.#latest = answer.value
    }
    this.#trouble = answer.ok ? undefined : answer.trouble
    this.changed()
  }
}
