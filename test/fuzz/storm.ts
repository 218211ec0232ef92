import * as fc from 'fast-check'

/** A kind of input: how it is made and sent. */
export interface Kind<Input> {
  name: string
  arbitrary: fc.Arbitrary<Input>
  /** What one input counts for; one where it is not given. */
  size?: (input: Input) => number
  /** Sends one; resolves with what came, in short, and rejects where that breaks the contract. */
  send: (input: Input) => Promise<string[]>
  /** How many are under way at once. */
  atOnce: number
}

const list = (counts: ReadonlyMap<string, number>): string =>
  [...counts]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, count]) => `${name} ${count}`)
    .join(', ')

/** What was sent, and what came. */
export class Tally {
  readonly #sent = new Map<string, number>()
  readonly #came = new Map<string, number>()

  add(kind: string, size: number, outcomes: readonly string[]): void {
    this.#sent.set(kind, (this.#sent.get(kind) ?? 0) + size)
    for (const outcome of outcomes) this.#came.set(outcome, (this.#came.get(outcome) ?? 0) + 1)
  }

  toString(): string {
    return `sent: ${list(this.#sent)}; came: ${list(this.#came)}`
  }
}

/** Inputs that are made together; the rest of the work goes on between. */
const BATCH = 100

export interface Storm {
  seed: number
  tally: Tally
  /** How the service has ended, where it has. */
  ended: () => string | undefined
}

/** An input, and how fast-check makes it again. */
interface Made<Input> {
  input: Input
  parameters: { seed: number; path: string }
}

/** Inputs of a kind until they count for `count`; the seed makes the same ones again. */
function* make<Input>(kind: Kind<Input>, seed: number, count: number): Generator<Made<Input>> {
  const { arbitrary, size = () => 1 } = kind
  let made = 0
  for (let batch = 0; ; batch++) {
    const batchSeed = (seed + Math.imul(batch, 0x9e3779b1)) | 0
    for (const [at, input] of fc.sample(arbitrary, { seed: batchSeed, numRuns: BATCH }).entries()) {
      if (made >= count) return
      made += size(input)
      yield { input, parameters: { seed: batchSeed, path: String(at) } }
    }
  }
}

/** Sends inputs of a kind, several at once. */
export async function storm<Input>(
  { seed, tally, ended }: Storm,
  kind: Kind<Input>,
  count: number,
): Promise<void> {
  const { name, send, size = () => 1 } = kind
  const inputs = make(kind, seed, count)
  const work = async (): Promise<void> => {
    // All take from the same inputs; an error ends them for all.
    for (const { input, parameters } of inputs) {
      try {
        tally.add(name, size(input), await send(input))
      } catch (error) {
        throw await explain(error, kind, input, parameters, ended)
      }
    }
  }
  await allOf(Array.from({ length: kind.atOnce }, work))
}

/**
 * Waits for each to end, so that none goes on when the test is over.
 * @throws Error with what every one that failed says: where the service has ended, one of them did it
 */
export async function allOf(works: readonly Promise<void>[]): Promise<void> {
  const outcomes = await Promise.allSettled(works)
  const failures = outcomes
    .filter((outcome) => outcome.status === 'rejected')
    .map(({ reason }: { reason: unknown }) => reason)
  if (failures.length === 1) throw failures[0]
  if (failures.length > 1) throw new Error(failures.map(messageOf).join('\n'))
}

const messageOf = (thrown: unknown): string =>
  thrown instanceof Error ? thrown.message : String(thrown)

/**
 * What to tell of an input that failed. Where the service lives on, fast-check looks for a smaller one that fails as well,
 * each sent alone; a service that has ended would fail them all.
 */
async function explain<Input>(
  error: unknown,
  kind: Kind<Input>,
  input: Input,
  parameters: { seed: number; path: string },
  ended: () => string | undefined,
): Promise<Error> {
  const smaller = await fc.check(
    fc.asyncProperty(kind.arbitrary, async (input) => {
      fc.pre(ended() === undefined)
      await kind.send(input)
    }),
    { ...parameters, numRuns: 1 },
  )
  const end = ended()
  const reason = end ?? messageOf(error)
  const found = smaller.counterexample ?? [input]
  return new Error(`${kind.name}: ${reason}; after ${fc.stringify(found)}`, { cause: error })
}
