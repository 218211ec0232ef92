/**
 * Does what concerns the same users in the order in which it was asked for, and all else at once. Who asks for `read` and then for
 * `unread`, without waiting for an answer, means the second to stand.
 */
export class Turns {
  /** What was asked for last, by user; it never fails. */
  readonly #last = new Map<string, Promise<void>>()

  take<Outcome>(users: readonly string[], work: () => Promise<Outcome>): Promise<Outcome> {
    const before = new Set(users.flatMap((user) => this.#last.get(user) ?? []))
    const asked = before.size === 0 ? work() : Promise.all(before).then(work)
    if (users.length === 0) return asked
    const ended = asked.then(
      () => undefined,
      () => undefined,
    )
    for (const user of users) this.#last.set(user, ended)
    void ended.then(() => this.#forget(users, ended))
    return asked
  }

  #forget(users: readonly string[], ended: Promise<void>): void {
    for (const user of users) if (this.#last.get(user) === ended) this.#last.delete(user)
  }
}
