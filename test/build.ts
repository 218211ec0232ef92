import { execFileSync } from 'node:child_process'

/** The store's threads and the real processes run what is built: no test may meet an older build than its source. */
export default function build(): void {
  execFileSync('npm', ['run', 'build', '--silent'], { stdio: 'inherit' })
}
