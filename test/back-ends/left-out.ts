import type { Reporter } from 'vitest/reporters'
import { backEnds, leftOut } from './projects.js'

/** Says at the end of a run which suites it did without. */
export default class LeftOut implements Reporter {
  onTestRunEnd(): void {
    for (const line of leftOut(backEnds())) process.stderr.write(`${line}\n`)
  }
}
