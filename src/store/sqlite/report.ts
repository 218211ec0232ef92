import type { ThreadData } from './messages.js'

/** What happens to a store that its operator should know. */
type StoreEvent = { role: ThreadData['role'] } & (
  | { kind: 'ended' | 'not_started'; error: Error; delayMs: number }
  | { kind: 'started' }
  /** It fails for a reason that may pass, told once while it lasts. */
  | { kind: 'trouble'; says: string; error: Error }
  | { kind: 'well' }
)

export type Report = (event: StoreEvent) => void
