import { existsSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isAble } from './able.js'

/** Where Debian's package `faketime` puts it, by the machine's name for itself. */
const LIBRARIES = ['x86_64', 'aarch64'].map(
  (machine) => `/usr/lib/${machine}-linux-gnu/faketime/libfaketimeMT.so.1`,
)

const library = LIBRARIES.find((path) => existsSync(path))

export const canFakeTime = isAble('find libfaketime (Debian: faketime)', () => {
  if (library === undefined) throw new Error(`it is at none of ${LIBRARIES.join(', ')}`)
})

/**
 * The wall clock of a process, as the system calls tell it to each of its threads; the monotonic clock, which the kernel keeps apart
 * too, is left alone.
 */
export class WallClock {
  readonly #file: string
  /** What the process is started with. */
  readonly environment: Record<string, string>

  constructor(folder: string) {
    this.#file = join(folder, 'faketime')
    this.set(0)
    this.environment = {
      LD_PRELOAD: library ?? '',
      FAKETIME_TIMESTAMP_FILE: this.#file,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    }
  }

  /** Lets it go wrong by so many hours from now on. */
  set(hours: number): void {
    // In one step: a file that is half written would be read as no time at all.
    writeFileSync(`${this.#file}.next`, `${hours < 0 ? '' : '+'}${hours}h`)
    renameSync(`${this.#file}.next`, this.#file)
  }
}
