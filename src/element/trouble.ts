import type { InboxError } from '../client/errors.js'
import type { Action, Texts } from './texts.js'

/** What went wrong, and is told until it is right again or dismissed. */
type Fault =
  | { kind: 'action'; action: Action; code: string | undefined }
  /** The inbox could not be listed; the SDK tries again. */
  | { kind: 'list' }

export type ActionFault = Extract<Fault, { kind: 'action' }>

export function actionFault(action: Action, error: unknown): ActionFault {
  return { kind: 'action', action, code: codeOf(error) }
}

export function faultWords(fault: Fault, texts: Texts): string {
  switch (fault.kind) {
    case 'action':
      return texts.failed(fault.action, fault.code)
    case 'list':
      return texts.listFailed
  }
}

/** The latest of what went wrong that a person should know of: most errors of an inbox are for who made the page. */
export class Trouble {
  #fault: Fault | undefined

  get fault(): Fault | undefined {
    return this.#fault
  }

  actionFailed(fault: ActionFault): void {
    this.#fault = fault
  }

  inboxFailed({ code }: InboxError): void {
    if (code === 'list_failed') this.#fault = { kind: 'list' }
  }

  /** The inbox was listed. */
  listed(): void {
    if (this.#fault?.kind === 'list') this.#fault = undefined
  }

  /** What failed is about to be tried again, or nobody looks at it any more. */
  actionOver(): void {
    if (this.#fault?.kind === 'action') this.#fault = undefined
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
