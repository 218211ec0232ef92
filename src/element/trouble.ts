import type { InboxError } from '../client/errors.js'
import type { Action, Texts } from './texts.js'

/** What went wrong, and is told until it is right again or dismissed. */
type Fault =
  | { kind: 'action'; action: Action; code: string | undefined }
  /** The inbox could not be listed; the SDK tries again. */
  | { kind: 'list' }
  /** The page could not give a token; the SDK asks again. */
  | { kind: 'token' }

/** The latest of what went wrong that a person should know of: most errors of an inbox are for who made the page. */
export class Trouble {
  #fault: Fault | undefined

  words(texts: Texts): string | undefined {
    switch (this.#fault?.kind) {
      case 'action':
        return texts.failed(this.#fault.action, this.#fault.code)
      case 'list':
        return texts.listFailed
      case 'token':
        return texts.signInFailed
      case undefined:
        return undefined
    }
  }

  actionFailed(action: Action, error: unknown): void {
    this.#fault = { kind: 'action', action, code: codeOf(error) }
  }

  inboxFailed({ code }: InboxError): void {
    if (code === 'list_failed') this.#fault = { kind: 'list' }
    if (code === 'token_failed') this.#fault = { kind: 'token' }
  }

  /** The inbox was listed. */
  listed(): void {
    if (this.#fault?.kind === 'list') this.#fault = undefined
  }

  /** There is a connection. */
  connected(): void {
    if (this.#fault?.kind === 'token') this.#fault = undefined
  }

  clear(): void {
    this.#fault = undefined
  }
}

/** The code of an `InboxError`, which may be of another copy of the SDK than this one. */
function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}
