import type { ReactiveController, ReactiveControllerHost } from 'lit'
import type { Notification } from '../client/frames.js'
import { priorityWord } from './priority.js'
import type { Texts } from './texts.js'

/** Arrivals within this time are told together. */
const GATHER_MS = 1_000

/**
 * What is said to people who don't see the element, in its live regions: politely, and not one by one; but what is urgent is said at
 * once.
 */
export class Announcer implements ReactiveController {
  readonly #host: ReactiveControllerHost
  readonly #texts: () => Texts
  #arrivals: Notification[] = []
  #timer: ReturnType<typeof setTimeout> | undefined
  #text = ''
  #alarms: readonly string[] = []
  #areAlarmsDrawn = false
  #alarm = ''

  constructor(host: ReactiveControllerHost, texts: () => Texts) {
    this.#host = host
    this.#texts = texts
    host.addController(this)
  }

  get text(): string {
    return this.#text
  }

  /** What is urgent. */
  get alarm(): string {
    return this.#alarm
  }

  hostUpdated(): void {
    this.#areAlarmsDrawn = true
  }

  hostDisconnected(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#arrivals = []
    this.#text = ''
    this.#alarms = []
    this.#alarm = ''
  }

  say(text: string): void {
    this.#text = unlike(text, this.#text)
    this.#host.requestUpdate()
  }

  arrived(notification: Notification): void {
    if (notification.priority === 'urgent') return this.#sound(this.#words(notification))
    this.#arrivals.push(notification)
    this.#timer ??= setTimeout(() => this.#tell(), GATHER_MS)
  }

  #tell(): void {
    const [first, ...others] = this.#arrivals
    this.#arrivals = []
    this.#timer = undefined
    if (!first) return
    const { arrivedMany } = this.#texts()
    this.say(others.length === 0 ? this.#words(first) : arrivedMany(others.length + 1))
  }

  #sound(words: string): void {
    // None may take the place of another that was not said yet.
    this.#alarms = this.#areAlarmsDrawn ? [words] : [...this.#alarms, words]
    this.#areAlarmsDrawn = false
    this.#alarm = unlike(this.#alarms.join('. '), this.#alarm)
    this.#host.requestUpdate()
  }

  #words({ title, type, priority }: Notification): string {
    const texts = this.#texts()
    return texts.arrived(title ?? type, priorityWord(priority, texts))
  }
}

/** What stands there already would not be heard again. */
function unlike(text: string, before: string): string {
  return text === before ? `${text}\u00A0` : text
}
