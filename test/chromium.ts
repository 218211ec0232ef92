import { existsSync } from 'node:fs'

/** What keeps Chromium to the tests: it asks nobody outside, and runs where there is no sandbox, as in a container. */
export const CHROMIUM_ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/**
 * Where Chromium is: `CHROMIUM_PATH`, or Debian's place. Undefined where it is not, and its tests are left out.
 * @throws Error in CI, where that is a failure
 */
export function findChromium(): string | undefined {
  const path = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium'
  if (existsSync(path)) return path
  if (process.env['CI'] === 'true') throw new Error(`there is no Chromium at ${path}`)
  console.warn(
    `There is no Chromium at ${path} (CHROMIUM_PATH): the tests in a browser are left out.`,
  )
  return undefined
}
