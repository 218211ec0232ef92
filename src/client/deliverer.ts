import { Contents } from './contents.js'
import type { Environment } from './environment.js'
import { InboxError } from './errors.js'
import {
  call,
  handlerFailed,
  type Emitter,
  type GapEvent,
  type Handler,
  type InboxEvents,
  type LogEventName,
  type NotificationEvent,
  type RemovedEvent,
  type UpdatedEvent,
} from './events.js'

/** How often a handler is given one entry before that is called poison. */
const TRIES = 3
/** Between the first two of them; then twice as long, and thrice before three more. */
const RETRY_MS = 500

/** An event of the log that a handler could not take. */
export type PoisonEvent = {
  [Name in LogEventName]: { name: Name; event: InboxEvents[Name]; error: unknown }
}[LogEventName]

/** What becomes of it: `acknowledge` goes on without it, `retry` gives it to the handler three times more. */
export type PoisonVerdict = 'acknowledge' | 'retry'
export type OnPoison = (poison: PoisonEvent) => PoisonVerdict | Promise<PoisonVerdict>

/** What waits to be handed over, at its place in the log. */
export type Entry =
  | { name: 'notification'; seq: number; event: Omit<NotificationEvent, 'isNew'> }
  | { name: 'updated'; seq: number; event: UpdatedEvent }
  | { name: 'removed'; seq: number; event: RemovedEvent }
  | { name: 'gap'; seq: number; event: GapEvent }
  /** A place up to which there is nothing more. */
  | { name: 'passed'; seq: number }

export interface DelivererOptions {
  environment: Environment
  emitter: Emitter
  onPoison: OnPoison | undefined
  report: (error: InboxError) => void
  /** Keeps the position; the next entry waits for it, so that a reload gives none twice. Never rejects. */
  handled: (seq: number, idle: boolean) => Promise<void>
}

/**
 * Hands the log to the application: one entry after the other, in `seq` order, each to all its handlers, and the next when those
 * have finished. A handler that throws gets the entry again, it alone.
 */
export class Deliverer {
  readonly #options: DelivererOptions
  /** In `seq` order; the first may be being handed over. */
  #queue: Entry[] = []
  #handing: Entry | undefined
  #running: Promise<void> | undefined
  /** All up to here is handled. */
  #handled = 0
  /** Changes with each life of the log: what began in a former one counts for nothing. */
  #life = {}
  #closed = false
  /** Ends each pause that goes on. */
  readonly #pauses = new Set<() => void>()
  readonly #contents = new Contents()

  constructor(options: DelivererOptions) {
    this.#options = options
  }

  /** Begins another life of the log, of which the application has handled all up to `cursor`. */
  begin(cursor: number): void {
    this.#queue = []
    this.#handing = undefined
    this.#handled = cursor
    this.#life = {}
    this.#contents.clear()
    this.#endPauses()
  }

  get handled(): number {
    return this.#handled
  }

  /** Takes an entry, unless the application has it, or it waits already: a new connection repeats what no one acknowledged. */
  add(entry: Entry): void {
    if (this.#closed) return
    // A gap of the reason `epoch` stands where the replay starts, which is handled.
    if (entry.seq <= this.#handled && entry.name !== 'gap') return
    if (this.#handing?.seq === entry.seq) return
    if (this.#queue.some((waiting) => saysAsMuch(waiting, entry))) return
    const place = this.#queue.findLastIndex(({ seq }) => seq <= entry.seq)
    this.#queue.splice(place + 1, 0, entry)
    this.#queue = this.#queue.filter((waiting) => !isOvertaken(waiting, entry))
    this.#running ??= this.#run()
  }

  /** Hands nothing over any more; resolves when the handler that runs has finished, and that is kept. */
  async close(): Promise<void> {
    this.#closed = true
    this.#queue = []
    this.#endPauses()
    await this.#running
  }

  async #run(): Promise<void> {
    for (let entry = this.#queue.shift(); entry; entry = this.#queue.shift()) {
      const life = this.#life
      this.#handing = entry
      const isHandled = await this.#hand(entry, life)
      this.#handing = undefined
      if (life !== this.#life || !isHandled) continue
      this.#handled = Math.max(this.#handled, entry.seq)
      await this.#options.handled(this.#handled, this.#queue.length === 0)
    }
    this.#running = undefined
  }

  /** Resolves with false where it was given up: the log has another life, or the inbox was closed. */
  async #hand(entry: Entry, life: object): Promise<boolean> {
    switch (entry.name) {
      case 'notification': {
        const { name } = entry
        const event = { ...entry.event, isNew: this.#contents.isNew(entry.event.notification) }
        const isTaken = await this.#give(name, event, life, (error) => ({ name, event, error }))
        if (isTaken && life === this.#life) this.#contents.note(event.notification)
        return isTaken
      }
      case 'updated':
        return this.#give(entry.name, entry.event, life, (error) => ({ ...entry, error }))
      case 'removed':
        return this.#give(entry.name, entry.event, life, (error) => ({ ...entry, error }))
      case 'gap':
        return this.#give(entry.name, entry.event, life, (error) => ({ ...entry, error }))
      case 'passed':
        return true
    }
  }

  async #give<Name extends LogEventName>(
    name: Name,
    event: InboxEvents[Name],
    life: object,
    poison: (error: unknown) => PoisonEvent,
  ): Promise<boolean> {
    const taken = this.#options.emitter
      .handlers(name)
      .map((handler) => this.#giveTo(handler, event, life, poison))
    return (await Promise.all(taken)).every((isTaken) => isTaken)
  }

  async #giveTo<Event>(
    handler: Handler<Event>,
    event: Event,
    life: object,
    poison: (error: unknown) => PoisonEvent,
  ): Promise<boolean> {
    for (let failures = 0; ;) {
      try {
        await call(handler, event)
        return true
      } catch (error) {
        failures++
        if (this.#isOver(life)) return false
        if (failures % TRIES === 0 && (await this.#judge(poison(error))) === 'acknowledge') {
          return true
        }
        await this.#pause(RETRY_MS * (((failures - 1) % TRIES) + 1))
        if (this.#isOver(life)) return false
      }
    }
  }

  #isOver(life: object): boolean {
    return this.#closed || life !== this.#life
  }

  async #judge(poison: PoisonEvent): Promise<PoisonVerdict> {
    const { onPoison, report } = this.#options
    report(handlerFailed(poison.name, poison.error))
    if (!onPoison) return 'acknowledge'
    try {
      return await onPoison(poison)
    } catch (cause) {
      const detail = '`onPoison` has failed; the entry is acknowledged.'
      report(new InboxError('handler_failed', detail, { retryable: false, cause }))
      return 'acknowledge'
    }
  }

  #pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        cancel()
        this.#pauses.delete(end)
        resolve()
      }
      const cancel = this.#options.environment.after(milliseconds, end)
      this.#pauses.add(end)
    })
  }

  #endPauses(): void {
    for (const end of this.#pauses) end()
  }
}

/** Whether what waits is the same change: one connection may tell it whole, and another its state alone. */
function saysAsMuch(waiting: Entry, entry: Entry): boolean {
  if (waiting.seq !== entry.seq) return false
  return (
    waiting.name === entry.name || (waiting.name === 'notification' && entry.name === 'updated')
  )
}

/** Whether what waits is of no use any more once `later` is known: removed, replaced, or come whole, in a later state or the same. */
function isOvertaken(waiting: Entry, later: Entry): boolean {
  if (waiting.seq === later.seq) return waiting.name === 'updated' && later.name === 'notification'
  if (waiting.seq > later.seq) return false
  if (waiting.name !== 'notification' && waiting.name !== 'updated') return false
  const { id, collapseKey } = namesOf(waiting)
  switch (later.name) {
    case 'notification':
    case 'removed': {
      const ended = namesOf(later)
      return id === ended.id || (collapseKey !== undefined && collapseKey === ended.collapseKey)
    }
    case 'updated':
    case 'gap':
    case 'passed':
      return false
  }
}

function namesOf(entry: Exclude<Entry, { name: 'gap' | 'passed' }>): {
  id: string
  collapseKey: string | undefined
} {
  switch (entry.name) {
    case 'notification': {
      const { id, collapseKey } = entry.event.notification
      return { id, collapseKey: collapseKey ?? undefined }
    }
    case 'updated':
      return { id: entry.event.id, collapseKey: undefined }
    case 'removed':
      return { id: entry.event.id, collapseKey: entry.event.collapseKey }
  }
}
