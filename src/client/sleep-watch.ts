import type { Environment } from './environment.js'

const TICK_MS = 5_000
/** A timer that fires this much too late tells that the machine slept, or that the page was frozen. */
const LATE_MS = 5_000

/** Calls when the machine has slept: other timers may have stood still with it, and would fire long after. Gives what ends it. */
export function watchSleep(environment: Environment, slept: () => void): () => void {
  let cancel: (() => void) | undefined
  const tick = (): void => {
    const due = environment.now() + TICK_MS
    cancel = environment.after(TICK_MS, () => {
      const late = environment.now() - due
      tick()
      if (late > LATE_MS) slept()
    })
  }
  tick()
  return () => cancel?.()
}
