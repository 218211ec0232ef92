/** One axis of a chart: where a value lies along it, and which values are named. */
export interface Scale {
  /** From 0, where the axis begins, to 1, where it ends. */
  place: (value: number) => number
  ticks: readonly number[]
}

/** Steps in which people count. */
const STEPS = [1, 2, 5, 10]

/** About how many values an axis names. */
const TICKS = 5

/** From nothing to the first round number that no value is above. */
export function linearScale(values: readonly number[]): Scale {
  const highest = Math.max(...values)
  const decade = 10 ** Math.floor(Math.log10(highest / TICKS))
  const step = decade * (STEPS.find((factor) => factor * decade * TICKS >= highest) ?? 1)
  const count = Math.ceil(highest / step)
  const ticks = Array.from({ length: count + 1 }, (_, index) => index * step)
  return { place: (value) => value / (count * step), ticks }
}

/** From one to another of 1, 2, 5, 10, 20 …, so that each factor takes as much room; of many, only the tens are named. */
export function logScale(values: readonly number[]): Scale {
  const begin = roundDown(Math.min(...values))
  const end = roundUp(Math.max(...values))
  const span = Math.log10(end / begin) || 1
  const ticks = roundNumbers(begin, end)
  const tens = ticks.filter((tick) => Number.isInteger(Number(Math.log10(tick).toFixed(9))))
  return {
    place: (value) => Math.log10(value / begin) / span,
    ticks: ticks.length > TICKS + 2 ? tens : ticks,
  }
}

/** The highest of 1, 2, 5, 10, 20 … that is not above a value. */
function roundDown(value: number): number {
  const decade = 10 ** Math.floor(Math.log10(value))
  return decade * Math.max(...STEPS.filter((factor) => factor * decade <= value))
}

function roundUp(value: number): number {
  const decade = 10 ** Math.floor(Math.log10(value))
  return decade * Math.min(...STEPS.filter((factor) => factor * decade >= value))
}

function roundNumbers(begin: number, end: number): number[] {
  const numbers: number[] = []
  for (let decade = Math.floor(Math.log10(begin)); 10 ** decade <= end; decade++) {
    numbers.push(...[1, 2, 5].map((factor) => factor * 10 ** decade))
  }
  // A decade below one is no exact number.
  return numbers.filter((number) => number >= begin * 0.999 && number <= end * 1.001)
}

/** A value as it stands beside its axis. */
export function label(value: number): string {
  if (value >= 1_000_000) return `${tidy(value / 1_000_000)} M`
  return value >= 1_000 ? value.toLocaleString('en-US') : tidy(value)
}

function tidy(value: number): string {
  return String(Number(value.toPrecision(3)))
}
