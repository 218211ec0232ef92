import { vi } from 'vitest'
import * as z from 'zod/mini'
import { expectSame } from '../expectations.js'
import type { Api } from '../harness.js'
import { residentBytes } from '../memory.js'
import type { ServiceProcess } from '../process.js'

/** The environment of a service whose memory is looked at; `nodeOptions` are the test's own. */
export const measured = (nodeOptions: string): Record<string, string> => ({
  NODE_OPTIONS: `${nodeOptions} --import ${new URL('collector.mjs', import.meta.url).href}`,
  // By default glibc keeps an arena for each thread, and in each what was freed there: MiB that come and go by chance. With
  // one for all of them, which gives back its end as soon as 128 KiB of that are free, what is resident is what is held.
  MALLOC_ARENA_MAX: '1',
  MALLOC_TRIM_THRESHOLD_: String(128 * 1024),
})

/** Told by `collector.mjs`. */
const Collected = z.looseObject({ msg: z.literal('collected'), room: z.number() })

/** A look that the service doesn't answer for so long has failed: its threads have hung. */
const LOOK_MS = 20_000 // 20 seconds

/** By how much what is held may grow from the middle of the rounds to their end: 2.5 MiB. */
export const ALLOWED_BYTES = 2.5 * 1024 * 1024

const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0

/**
 * Tells whether the memory of a service is flat while the same is asked of it in ten equal rounds.
 *
 * What counts is what the service holds: resident memory, less the room that its threads' heaps have when their garbage was
 * collected. Without that, most of what grows is garbage: a store thread lets some 6 MiB of it come together before V8
 * collects, which takes it more than ten rounds. Whatever is kept shows, be it in a heap or outside.
 *
 * The first two rounds warm up: code is compiled, the allocator takes its size. From then on, the median of the rounds 3 to
 * 5 is held against that of the rounds 8 to 10, since what is free between what is kept can't be given back and differs
 * from look to look. That grows by up to 0.9 MiB: by code that is compiled late, by the tokens of each round's people, which
 * the service remembers within its bounds, and by chance. 2.5 MiB in five rounds of 10,000 inputs are 52 bytes an input, so
 * 180 bytes a frame show as well, though a third of the inputs are frames that a session takes.
 */
export class Growth {
  readonly #service: ServiceProcess
  readonly #held: number[] = []

  constructor(service: ServiceProcess) {
    this.#service = service
  }

  /** Looks once: before the first round, and after each. */
  async look(): Promise<void> {
    const room = await this.#collect()
    // Elsewhere than on Linux nothing is known of what is resident.
    this.#held.push(Math.max(0, residentBytes(this.#service.pid) - room))
  }

  /** What was held at each look, in bytes. */
  get held(): readonly number[] {
    return this.#held
  }

  /** By how much it grew from the middle to the end. */
  get grown(): number {
    return median(this.#held.slice(8, 11)) - median(this.#held.slice(3, 6))
  }

  /** Has the service collect its garbage; resolves with the room that is left in its heaps. */
  async #collect(): Promise<number> {
    const told = () => this.#service.log.filter(({ msg }) => msg === 'collected')
    const count = told().length + 1
    this.#service.signal('SIGUSR2')
    await vi.waitFor(() => expectSame(told().length, count, 'collections'), { timeout: LOOK_MS })
    return Collected.parse(told().at(-1)).room
  }
}

/** More than the 32 MiB of pages that the store's writer keeps. */
const FILL = { writers: 8, sends: 80, bytes: 60 * 1024 }

/**
 * Fills the page cache of the store's writer, which would else grow with the database from round to round. The reader's stays
 * small by itself: SQLite empties it whenever another connection has written.
 */
export async function fillPageCache(api: Api): Promise<void> {
  const title = 'x'.repeat(FILL.bytes)
  const write = async (): Promise<void> => {
    for (let sent = 0; sent < FILL.sends; sent++) await api.send('nobody', title)
  }
  await Promise.all(Array.from({ length: FILL.writers }, write))
}
