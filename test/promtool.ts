import { spawnSync } from 'node:child_process'

/**
 * Whether Prometheus' own tool is there (Debian's package `prometheus`); where it is not, what asks it is left out.
 * @throws Error in CI, where that is a failure
 */
export function hasPromtool(): boolean {
  const isThere = spawnSync('promtool', ['--version']).status === 0
  if (!isThere && process.env['CI'] === 'true') throw new Error('there is no promtool')
  return isThere
}

/** What promtool says to these words; empty where it has nothing against `input`. */
export function promtool(words: readonly string[], input?: string): string {
  const { status, stdout, stderr } = spawnSync('promtool', words, {
    encoding: 'utf8',
    ...(input !== undefined && { input }),
  })
  return status === 0 ? '' : `${status}: ${stdout}${stderr}`
}
