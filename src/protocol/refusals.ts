import { ERRORS } from './errors.js'

/**
 * Errors that say that a caller is not who it should be, or may not what it asked: attempts that an operator may count. Those by
 * which a service ends what was open are none.
 */
export const REFUSALS: ReadonlySet<string> = new Set(
  Object.entries(ERRORS)
    .filter(
      ([code, { status }]) =>
        (status === 401 || status === 403) && code !== 'disconnected' && code !== 'user_erased',
    )
    .map(([code]) => code),
)
