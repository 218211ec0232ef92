import type { AsyncCommand } from 'fast-check'
import type { Model } from './model.js'
import type { World } from './world.js'

export type Step = AsyncCommand<Model, World, true>

/** How often each kind of step was done, over all runs: a kind that never comes tests nothing. */
export const done = new Map<string, number>()

/** One more of a kind was done, or heard. */
export function note(kind: string): void {
  done.set(kind, (done.get(kind) ?? 0) + 1)
}

/** One command of a run: `says` is what a counterexample reads like. After it every connection has what it should. */
export function step(options: {
  says: string
  /** Counted under this name. */
  kind: string
  when?: (model: Readonly<Model>) => boolean
  does: (model: Model, world: World) => Promise<void>
}): Step {
  const { says, kind, when = () => true, does } = options
  return {
    check: (model) => Promise.resolve(when(model)),
    toString: () => says,
    run: async (model, world) => {
      await does(model, world)
      await world.settle(model)
      note(kind)
    },
  }
}
