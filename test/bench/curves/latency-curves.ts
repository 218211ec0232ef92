import type { Measurement } from '../rounds.js'
import type { Curve } from './svg.js'

/** What half of something took, and dashed what all but one in a hundred took; leaves out where the time was not taken. */
export function latencyCurves(
  name: string,
  colour: string,
  points: readonly (readonly [x: number, measured: Measurement])[],
): Curve[] {
  const curve = (percentile: 'p50Ms' | 'p99Ms'): Curve => ({
    name: `${name} ${percentile === 'p50Ms' ? 'p50' : 'p99'}`,
    colour,
    dashed: percentile === 'p99Ms',
    points: points.flatMap(([x, { latency }]) =>
      latency ? [[x, latency[percentile]] as const] : [],
    ),
  })
  return [curve('p50Ms'), curve('p99Ms')]
}
