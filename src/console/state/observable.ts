/** Something that changes, and tells whoever watches it that it has. */
export abstract class Observable {
  readonly #watchers = new Set<() => void>()

  /** Gives what ends the watching. */
  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher)
    return () => void this.#watchers.delete(watcher)
  }

  protected changed(): void {
    for (const watcher of this.#watchers) watcher()
  }
}
