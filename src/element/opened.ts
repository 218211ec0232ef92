import type { InboxSource } from './source.js'

/** What was opened becomes read: at once, or when there is a connection again. Where that fails it is tried with the next change. */
export class Opened {
  #ids = new Set<string>()

  add(id: string): void {
    this.#ids.add(id)
  }

  /** They were of another inbox. */
  clear(): void {
    this.#ids = new Set()
  }

  /** There is a connection. */
  markRead(inbox: InboxSource): void {
    const ids = this.#ids
    const due = [...ids]
    if (due.length === 0) return
    ids.clear()
    inbox.markRead(due).catch(() => {
      for (const id of due) ids.add(id)
    })
  }
}
