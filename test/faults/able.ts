import { execFileSync } from 'node:child_process'

/**
 * Whether a fault can be injected on this machine, which takes rights or a program that not every one has. Where it can't, its tests
 * are left out.
 * @throws Error in CI, where that is a failure
 */
export function isAble(to: string, attempt: () => void): boolean {
  try {
    attempt()
    return true
  } catch (error) {
    if (process.env['CI'] === 'true') throw new Error(`can't ${to}`, { cause: error })
    console.warn(`Can't ${to} here: its tests are left out.`)
    return false
  }
}

/** Runs a program to its end; what it wrote to standard error stands in the error where it fails. */
export function run(program: string, ...words: string[]): void {
  execFileSync(program, words, { stdio: 'pipe' })
}
