import * as z from 'zod/mini'
import type { ClientStorage } from '../../client/browser.js'

// What a reload of this tab finds again: who was signed in, the panes, and how far each device was. Never a token.

export type Side = 'left' | 'right'

const KeptPane = z.object({ user: z.string(), device: z.string(), isConnected: z.boolean() })
export type KeptPane = z.infer<typeof KeptPane>

const Kept = z.object({ user: z.string(), left: KeptPane, right: KeptPane })
export type Kept = z.infer<typeof Kept>

const KEY = 'posthorn-console'

export function readKept(): Kept | undefined {
  try {
    return Kept.safeParse(JSON.parse(sessionStorage.getItem(KEY) ?? '')).data
  } catch {
    // Nothing is kept yet, or the browser lets this page keep nothing.
    return undefined
  }
}

export function writeKept(kept: Kept | undefined): void {
  try {
    if (kept) sessionStorage.setItem(KEY, JSON.stringify(kept))
    else sessionStorage.removeItem(KEY)
  } catch {
    // A reload then begins anew.
  }
}

/** Where the SDK keeps the position of a pane: in this tab, so that the two panes may even show one device twice. */
export function storageOf(side: Side): ClientStorage {
  return {
    get: (key) => sessionStorage.getItem(`${side}:${key}`),
    set: (key, value) => sessionStorage.setItem(`${side}:${key}`, value),
  }
}
