import { execFileSync } from 'node:child_process'

const BUILT = 'POSTHORN_BUILT'

/** The store's threads and the real processes run what is built: no test may meet an older build than its source. */
export default function build(): void {
  // Once for all projects, which run in one process.
  if (process.env[BUILT] === 'true') return
  process.env[BUILT] = 'true'
  execFileSync('npm', ['run', 'build', '--silent'], { stdio: 'inherit' })
}
