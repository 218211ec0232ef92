import { expect, test } from 'vitest'
import { legend, table } from './report.js'
import type { ScenarioResult } from './rounds.js'

const latency = { p50Ms: 1.5, p99Ms: 20, p999Ms: 30 }

const result: ScenarioResult = {
  name: 'accept',
  operation: 'a POST',
  service: { value: 9_000, cpuMicroseconds: 130, latency },
  floor: { value: 10_000, cpuMicroseconds: 100, latency: undefined },
  ratio: 0.9,
  goal: 0.85,
  alarm: undefined,
  syncMs: 0.2,
  others: 0.04,
  violations: [],
}

function rowOf(change: Partial<ScenarioResult>): string {
  return table([{ ...result, ...change }]).split('\n')[1] ?? ''
}

test('a row has the rates, the share, the goal and the processor time', () => {
  expect(rowOf({}).split(/ {2,}/)).toEqual([
    'accept',
    '9000',
    '10000',
    '0.90',
    '≥ 0.85',
    '130 µs',
    '100 µs',
    '0.2 ms',
    '0.0',
    'reached',
  ])
})

test('of rates more is better, of times and bytes less', () => {
  expect(rowOf({ ratio: 0.8 })).toMatch(/not reached$/)
  expect(rowOf({ ratio: 0.8, unit: 'ms' })).toMatch(/≤ 0\.85 .* reached$/)
  expect(rowOf({ ratio: 0.9, unit: 'bytes' })).toMatch(/not reached$/)
})

test('without a goal nothing is reached or missed', () => {
  expect(rowOf({ goal: undefined })).toMatch(/0\.90 +– .* 0\.0$/)
})

test('what was wrong is said whatever was reached', () => {
  expect(rowOf({ violations: ['one is missing'] })).toMatch(/WRONG$/)
  expect(rowOf({ violations: ['one is missing'], goal: undefined })).toMatch(/WRONG$/)
})

test('where others kept the machine busy a missed goal tells nothing', () => {
  expect(rowOf({ ratio: 0.5, others: 0.6 })).toMatch(/not told: the machine was busy$/)
  expect(rowOf({ ratio: 0.9, others: 0.6 })).toMatch(/reached$/)
})

test('the legend tells how long one took, but where rows do', () => {
  const said = 'accept: half take up to 1.5 ms, 99 in 100 up to 20.0 ms, 999 in 1,000 up to 30.0 ms'
  expect(legend([result])).toContain(said)
  expect(legend([{ ...result, unit: 'ms' }])).not.toContain('half take')
})

test('the legend has the notes of a scenario', () => {
  expect(legend([{ ...result, notes: ['it began late'] }])).toContain('accept: it began late')
})
