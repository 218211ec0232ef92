import { parseArgs } from 'node:util'
import { FULL, QUICK, type Effort } from './effort.js'
import { BY_NAME_ALONE, SCENARIOS } from './scenarios.js'

const USAGE = `npm run bench -- ${Object.keys(SCENARIOS)
  .map((name) => `[${name}]`)
  .join(' ')} [--quick] [--rounds N] [--json]
npm run bench -- --charts [--quick]`

/** So that no typing error runs for hours. */
const MAX_ROUNDS = 100

export interface Options {
  /** The scenarios that are asked for. */
  names: string[]
  json: boolean
  /** Whether charts are drawn, rather than a table. */
  charts: boolean
  effort: Effort
}

/** @throws Error with what is wrong */
export function readOptions(words: string[]): Options {
  const { values, positionals } = parseArgs({
    args: words,
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      charts: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      rounds: { type: 'string' },
    },
  })
  if (values.charts && (positionals.length > 0 || values.json)) {
    throw new Error(`--charts takes no scenario, and has no other form: ${USAGE}`)
  }
  const unknown = positionals.find((name) => !Object.hasOwn(SCENARIOS, name))
  if (unknown !== undefined) throw new Error(`there is no scenario ${unknown}: ${USAGE}`)
  const effort = values.quick ? QUICK : FULL
  const rounds = values.rounds === undefined ? effort.rounds : Number(values.rounds)
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > MAX_ROUNDS) {
    throw new Error(`--rounds takes a number from 1 to ${MAX_ROUNDS}`)
  }
  const all = Object.keys(SCENARIOS).filter((name) => !BY_NAME_ALONE.has(name))
  const names = positionals.length > 0 ? positionals : all
  return { names, json: values.json, charts: values.charts, effort: { ...effort, rounds } }
}
