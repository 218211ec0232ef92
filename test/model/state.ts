import type { ModelState } from './log.js'

/** What times say of an entry, as the model knows it. */
export function stateOf(told: {
  seenAt: string | null
  readAt: string | null
  archivedAt: string | null
}): ModelState {
  return {
    seen: told.seenAt !== null,
    read: told.readAt !== null,
    archived: told.archivedAt !== null,
  }
}
