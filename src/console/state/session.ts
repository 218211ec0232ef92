import type * as z from 'zod/mini'
import { ConsoleToken } from '../../protocol/console.js'
import { ask, type Answer, type Question } from './ask.js'

/** A token is made anew when less of its life is left. */
const FRESH_FOR_MS = 60_000

/**
 * Who asks: in development the service mints a token for the asking; elsewhere it is the service token that was pasted. Both stay
 * in memory, and are gone with the page.
 */
export class Session {
  /** What was pasted; undefined in development. */
  readonly #pasted: string | undefined
  #minted: ConsoleToken | undefined

  constructor(pasted?: string) {
    this.#pasted = pasted
  }

  /** Whether tokens of users are minted. */
  get mints(): boolean {
    return this.#pasted === undefined
  }

  /** Asks the service as a service; never rejects. */
  async call<Schema extends z.ZodMiniType>(
    schema: Schema,
    path: string,
    question: Omit<Question, 'token'> = {},
  ): Promise<Answer<z.infer<Schema>>> {
    const token = await this.#serviceToken()
    if (!token.ok) return token
    const answer = await ask(schema, path, { ...question, token: token.value })
    if (answer.ok || answer.trouble.status !== 401 || this.#minted === undefined) return answer
    // The service may have been started again with another secret.
    this.#minted = undefined
    const again = await this.#serviceToken()
    return again.ok ? ask(schema, path, { ...question, token: again.value }) : again
  }

  /**
   * A fresh token of a user, in development.
   * @throws Error with what the service said
   */
  async userToken(user: string): Promise<string> {
    const answer = await mint({ user })
    if (!answer.ok) throw new Error(`${answer.trouble.code}: ${answer.trouble.detail}`)
    return answer.value.token
  }

  async #serviceToken(): Promise<Answer<string>> {
    if (this.#pasted !== undefined) return { ok: true, value: this.#pasted, status: 200 }
    const life = this.#minted ? Date.parse(this.#minted.expiresAt) - Date.now() : 0
    if (this.#minted && life > FRESH_FOR_MS) {
      return { ok: true, value: this.#minted.token, status: 200 }
    }
    const answer = await mint({ service: true })
    if (!answer.ok) return answer
    this.#minted = answer.value
    return { ...answer, value: answer.value.token }
  }
}

function mint(body: { user: string } | { service: true }): Promise<Answer<ConsoleToken>> {
  return ask(ConsoleToken, '/console/tokens', { method: 'POST', body })
}
