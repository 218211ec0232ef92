import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { ScenarioContext } from '../rounds.js'
import { loadCurve } from './load-curve.js'
import { storedCurve } from './stored-curve.js'
import { drawChart, type Panel } from './svg.js'

/** What is measured for a chart. */
export interface Chart {
  title: string
  panels: Panel[]
  /** What went wrong meanwhile, a line each. */
  violations: string[]
}

/** By the names of their files. */
const CHARTS: Readonly<Record<string, (context: ScenarioContext) => Promise<Chart>>> = {
  'load.svg': loadCurve,
  'stored.svg': storedCurve,
}

const FOLDER = fileURLToPath(new URL('../charts/', import.meta.url))

/** Measures and draws every chart anew; gives what went wrong meanwhile. */
export async function makeCharts(context: ScenarioContext): Promise<string[]> {
  const violations: string[] = []
  mkdirSync(FOLDER, { recursive: true })
  for (const [file, measure] of Object.entries(CHARTS)) {
    context.progress(file)
    const { title, panels, violations: wrong } = await measure(context)
    violations.push(...wrong.map((line) => `${file}: ${line}`))
    // What came of wrong answers is no figure.
    if (wrong.length === 0) writeFileSync(`${FOLDER}${file}`, drawChart(title, panels))
  }
  return violations
}
