import { isStoreTrouble, PosthornError } from '../../protocol/errors.js'

/** So many go over in one request: each may write a row for every entry that its connection was sent, and other writes wait for them. */
const MAX_TOGETHER = 32

/** For how long more may come, in milliseconds. */
const GATHER_MS = 10

interface Asked<Input, Outcome> {
  input: Input
  resolve: (outcome: Outcome) => void
  reject: (error: unknown) => void
}

export interface TogetherOptions<Input, Outcome> {
  /** Whom an input concerns. */
  keyOf: (input: Input) => string
  /** Gives an outcome for each input, in order; where it fails, nothing has been done for any. */
  ask: (inputs: Input[]) => Promise<Outcome[]>
}

/**
 * Asks for what many want within a few milliseconds by few requests, in the order in which they came. Acknowledgements come one for each
 * notification and device: so they cost less each, and bring fewer commits about (`topic`, `live`).
 */
export class Together<Input, Outcome> {
  readonly #options: TogetherOptions<Input, Outcome>
  #asked: Asked<Input, Outcome>[] = []
  /** Whom what waits concerns. */
  readonly #keys = new Set<string>()
  #timer: NodeJS.Timeout | undefined

  constructor(options: TogetherOptions<Input, Outcome>) {
    this.#options = options
  }

  /** Whether something waits to be asked for that concerns this one. */
  concern(key: string): boolean {
    return this.#keys.has(key)
  }

  add(input: Input): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      this.#asked.push({ input, resolve, reject })
      this.#keys.add(this.#options.keyOf(input))
      this.#timer ??= setTimeout(() => this.flush(), GATHER_MS)
    })
  }

  /** Asks for what has come, without waiting for more. */
  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const asked = this.#asked
    this.#asked = []
    this.#keys.clear()
    for (let from = 0; from < asked.length; from += MAX_TOGETHER) {
      void this.#settle(asked.slice(from, from + MAX_TOGETHER))
    }
  }

  async #settle(asked: readonly Asked<Input, Outcome>[]): Promise<void> {
    try {
      const outcomes = await this.#options.ask(asked.map(({ input }) => input))
      for (const [index, outcome] of outcomes.entries()) asked[index]?.resolve(outcome)
    } catch (error) {
      const isTrouble = error instanceof PosthornError && isStoreTrouble(error.code)
      // One of them that can't be done takes none of the others with it.
      if (isTrouble || asked.length === 1) for (const { reject } of asked) reject(error)
      else for (const each of asked) void this.#settle([each])
    }
  }
}
