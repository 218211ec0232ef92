/** Kept of each kind of violation; a broken service breaks the same rule ten thousand times. */
const MAX_KEPT = 5

/** Notes what a service did, and what it should not have done. */
export class Oracle {
  readonly tally: Record<string, number> = {}
  readonly #violations = new Map<string, string[]>()

  count(what: string, times = 1): void {
    this.tally[what] = (this.tally[what] ?? 0) + times
  }

  /** A rule was broken: which, and how. */
  complain(rule: string, how: string): void {
    this.count(`violations of: ${rule}`)
    const kept = this.#violations.get(rule) ?? []
    if (kept.length < MAX_KEPT) kept.push(how)
    this.#violations.set(rule, kept)
  }

  get violations(): string[] {
    return [...this.#violations].flatMap(([rule, kept]) => {
      const more = (this.tally[`violations of: ${rule}`] ?? 0) - kept.length
      return [
        ...kept.map((how) => `${rule}: ${how}`),
        ...(more > 0 ? [`${rule}: … and ${more} more`] : []),
      ]
    })
  }
}
