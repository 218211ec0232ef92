import type { RelativeTimes } from './relative-time.js'
import type { Texts } from './texts.js'

/** What all that is drawn depends on. */
export interface View {
  texts: Texts
  times: RelativeTimes
  /** Milliseconds since 1970. */
  now: number
  /** Whether there is a connection: without one the buttons that need it say so and do nothing. */
  isOpen: boolean
}
