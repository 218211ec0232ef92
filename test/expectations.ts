import { expect } from 'vitest'

// For expectations that stand outside the tests themselves, in models and witnesses. `what` is told where one fails; where it
// holds, which it does millions of times, vitest is not asked.

/** What was said is what was expected. */
export function expectSame(said: unknown, expected: unknown, what: string): void {
  if (!Object.is(said, expected)) expect({ [what]: said }).toEqual({ [what]: expected })
}

export function expectTrue(holds: boolean, what: string): void {
  expectSame(holds, true, what)
}
