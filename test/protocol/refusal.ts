import { PosthornError } from '../../src/protocol/errors.js'

/** The error that `act` is refused with; fails where it is not refused, or not in the contract's way. */
export function refusalOf(act: () => unknown): PosthornError {
  try {
    act()
  } catch (error) {
    if (error instanceof PosthornError) return error
    throw error
  }
  throw new Error('it was not refused')
}

/** What was wrong with the input, as `[pointer, code]`. */
export function complaintsOf(act: () => unknown): [string, string][] {
  return (refusalOf(act).violations ?? []).map(({ pointer, code }) => [pointer, code])
}
