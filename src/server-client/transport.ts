import { exchange, type Request } from './exchange.js'
import type { Settings } from './options.js'
import { retrying, type Attempt } from './retry.js'

export interface CallOptions {
  /** Gives the call up, waits between tries too; it then fails with the signal's reason. */
  signal?: AbortSignal | undefined
}

/** A request, and whether it may be made twice. */
export interface Call<Value> extends Request<Value> {
  /** Why it may be, the method that makes it says. */
  repeatable: boolean
}

/** Makes requests until they are answered, as far as that is allowed. */
export class Transport {
  readonly #settings: Settings

  constructor(settings: Settings) {
    this.#settings = settings
  }

  newKey(): string {
    return this.#settings.environment.newKey()
  }

  call<Value>({ repeatable, ...request }: Call<Value>, options: CallOptions = {}): Promise<Value> {
    return this.retrying({ ...options, repeatable }, (attempt) =>
      this.once(request, attempt, options),
    )
  }

  /** One request of `retrying`. */
  once<Value>(request: Request<Value>, attempt: Attempt, { signal }: CallOptions): Promise<Value> {
    return exchange(this.#settings, request, attempt, signal)
  }

  retrying<Value>(
    { signal, repeatable }: CallOptions & { repeatable: boolean },
    once: (attempt: Attempt) => Promise<Value>,
  ): Promise<Value> {
    const { environment, limits, token } = this.#settings
    const renewable = typeof token !== 'string'
    return retrying({ environment, limits, signal, repeatable, renewable }, once)
  }
}
