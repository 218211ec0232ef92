import type { InboxSource } from './source.js'

/** Marks what is shown as seen, each content once. Where that fails it is tried with the next change; nobody need be told. */
export class Seen {
  readonly #asked = new Set<string>()

  clear(): void {
    this.#asked.clear()
  }

  shown(inbox: InboxSource): void {
    const unseen = inbox.items().filter(({ seenAt }) => seenAt === null)
    const due = unseen.filter((item) => !this.#asked.has(keyOf(item)))
    if (due.length === 0) return
    for (const item of due) this.#asked.add(keyOf(item))
    inbox.markSeen(due.map(({ id }) => id)).catch(() => {
      for (const item of due) this.#asked.delete(keyOf(item))
    })
  }
}

/** A notification may come again with other content, which is unseen again. */
function keyOf({ id, arrivedSeq }: { id: string; arrivedSeq: number }): string {
  return `${id} ${arrivedSeq}`
}
