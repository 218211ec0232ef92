import type { Result, Router } from 'hono/router'
import { TrieRouter } from 'hono/router/trie-router'

/**
 * Finds the handlers of a path, once for each fixed one: what serves `/v1/notifications` is always the same, and the way to it
 * through all the patterns costs a send 2 µs. (hono's own router that remembers, RegExpRouter, can't have a fixed path beside a
 * pattern, as `/v1/inbox/counts` beside `/v1/inbox/:id`.)
 */
export class FixedPathRouter<Handler> implements Router<Handler> {
  readonly name = 'FixedPathRouter'
  readonly #router = new TrieRouter<Handler>()
  readonly #fixed = new Set<string>()
  /** By path, then by method, of those that a path was asked for by. */
  readonly #known = new Map<string, Map<string, Result<Handler>>>()

  add(method: string, path: string, handler: Handler): void {
    this.#router.add(method, path, handler)
    this.#known.clear()
    if (!/[:*]/.test(path)) this.#fixed.add(path)
  }

  match(method: string, path: string): Result<Handler> {
    const known = this.#known.get(path)?.get(method)
    if (known) return known
    const found = this.#router.match(method, path)
    if (this.#fixed.has(path)) this.#remember(method, path, found)
    return found
  }

  #remember(method: string, path: string, found: Result<Handler>): void {
    const methods = this.#known.get(path) ?? new Map<string, Result<Handler>>()
    methods.set(method, found)
    this.#known.set(path, methods)
  }
}
