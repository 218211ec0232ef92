import { expect } from 'vitest'

/** What the service said is what the model says. */
export function expectSame(said: unknown, expected: unknown, what: string): void {
  expect({ [what]: said }).toEqual({ [what]: expected })
}

export function expectTrue(holds: boolean, what: string): void {
  expect({ [what]: holds }).toEqual({ [what]: true })
}
