import * as z from 'zod/mini'
import type { FrameEvent } from '../../client/browser.js'
import { Observable } from './observable.js'

/** Most frames that are kept. */
const MAX_FRAMES = 500

export interface FrameRow extends FrameEvent {
  key: number
  /** Milliseconds since 1970. */
  at: number
  /** The message's type, or the types of an array of them: `notification ×3`. */
  types: string
}

/** What went over the wire, newest last. */
export class FrameLog extends Observable {
  #rows: FrameRow[] = []
  /** What came while it was paused; undefined where it isn't. */
  #heldBack: FrameRow[] | undefined
  #count = 0

  get rows(): readonly FrameRow[] {
    return this.#rows
  }

  /** How many frames passed in all. */
  get count(): number {
    return this.#count
  }

  get isPaused(): boolean {
    return this.#heldBack !== undefined
  }

  add({ direction, text }: FrameEvent): void {
    const row = { key: this.#count++, at: Date.now(), direction, text, types: typesOf(text) }
    if (this.#heldBack) this.#heldBack = [...this.#heldBack, row].slice(-MAX_FRAMES)
    else this.#rows = [...this.#rows, row].slice(-MAX_FRAMES)
    this.changed()
  }

  pause(): void {
    this.#heldBack ??= []
    this.changed()
  }

  resume(): void {
    this.#rows = [...this.#rows, ...(this.#heldBack ?? [])].slice(-MAX_FRAMES)
    this.#heldBack = undefined
    this.changed()
  }

  clear(): void {
    this.#rows = []
    if (this.#heldBack) this.#heldBack = []
    this.changed()
  }
}

const Typed = z.object({ type: z.string() })

function typesOf(text: string): string {
  const json = parseJson(text)
  const counts = new Map<string, number>()
  for (const frame of Array.isArray(json) ? json.map((item: unknown) => item) : [json]) {
    const type = Typed.safeParse(frame).data?.type ?? '?'
    counts.set(type, (counts.get(type) ?? 0) + 1)
  }
  return [...counts].map(([type, count]) => (count > 1 ? `${type} ×${count}` : type)).join(', ')
}

/** A frame as a person reads it: indented, or as it came where it is not JSON. */
export function pretty(text: string): string {
  const json = parseJson(text)
  return json === undefined ? text : JSON.stringify(json, undefined, 2)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
