import type { ReactiveController, ReactiveControllerHost } from 'lit'
import type { Texts } from './texts.js'

/** Arrivals within this time are told together. */
const GATHER_MS = 1_000

/** What is said to people who don't see the element, in its live region: politely, and not one by one. */
export class Announcer implements ReactiveController {
  readonly #host: ReactiveControllerHost
  readonly #texts: () => Texts
  #arrivals: string[] = []
  #timer: ReturnType<typeof setTimeout> | undefined
  #text = ''

  constructor(host: ReactiveControllerHost, texts: () => Texts) {
    this.#host = host
    this.#texts = texts
    host.addController(this)
  }

  get text(): string {
    return this.#text
  }

  hostDisconnected(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#arrivals = []
    this.#text = ''
  }

  say(text: string): void {
    // What stands there already would not be heard again.
    this.#text = text === this.#text ? `${text}\u00A0` : text
    this.#host.requestUpdate()
  }

  arrived(title: string): void {
    this.#arrivals.push(title)
    this.#timer ??= setTimeout(() => this.#tell(), GATHER_MS)
  }

  #tell(): void {
    const [first = '', ...others] = this.#arrivals
    const texts = this.#texts()
    this.#arrivals = []
    this.#timer = undefined
    this.say(others.length === 0 ? texts.arrived(first) : texts.arrivedMany(others.length + 1))
  }
}
