import type { SendOutcome } from './store.js'

/** Follows one request to send, where somebody wants to know; `RequestTrace` in telemetry. */
export interface SendTrace {
  /** The store, or what hands a notification to sockets alone, is asked; gives what is to be told the answer. */
  asked: (
    id: string,
    what: 'commit' | 'deliver',
  ) => ((answer: SendOutcome['kind'] | 'failed') => void) | undefined
}

/** The outcome of a send, after whoever follows it was told. */
export async function tellOf(
  answered: (answer: SendOutcome['kind'] | 'failed') => void,
  asking: Promise<SendOutcome>,
): Promise<SendOutcome> {
  try {
    const outcome = await asking
    answered(outcome.kind)
    return outcome
  } catch (error) {
    answered('failed')
    throw error
  }
}
