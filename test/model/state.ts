import type { MarkAction } from '../../src/protocol/mark.js'

/** What the user has said of an entry; when it was said is not modelled. */
export interface ModelState {
  seen: boolean
  read: boolean
  archived: boolean
}

export const NEW: ModelState = { seen: false, read: false, archived: false }

/** Contract §1: `read` and `archived` set seen (and read) too, `unread` and `unarchived` clear their own alone. */
export const ACTIONS: Readonly<Record<MarkAction, (state: ModelState) => ModelState>> = {
  seen: (state) => ({ ...state, seen: true }),
  read: (state) => ({ ...state, seen: true, read: true }),
  unread: (state) => ({ ...state, read: false }),
  archived: () => ({ seen: true, read: true, archived: true }),
  unarchived: (state) => ({ ...state, archived: false }),
}

/** An inbox filter, or `inbox` where none is named. */
export type ModelFilter = 'inbox' | 'unread' | 'unseen' | 'archived' | 'all'

export const FILTERS: Readonly<Record<ModelFilter, (state: ModelState) => boolean>> = {
  inbox: ({ archived }) => !archived,
  unread: ({ read, archived }) => !read && !archived,
  unseen: ({ seen, archived }) => !seen && !archived,
  archived: ({ archived }) => archived,
  all: () => true,
}

export const isSame = (one: ModelState, other: ModelState): boolean =>
  one.seen === other.seen && one.read === other.read && one.archived === other.archived

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
