/** A small seeded generator (mulberry32), so that a run that fails can be run again. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** The seed of a run: `SEED` where it is set, so that a failing run can be repeated, else drawn. */
export function drawSeed(): number {
  return Number(process.env['SEED'] ?? Math.floor(Math.random() * 1_000_000))
}
