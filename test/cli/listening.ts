import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { SECRET } from '../harness.js'

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url))

/** A `posthorn listen` in a process of its own, and the lines that it has printed. */
export class Listening {
  readonly #child: ChildProcessByStdio<null, Readable, Readable>
  readonly lines: string[] = []
  readonly errorLines: string[] = []
  readonly exited: Promise<number | null>
  #arrived: (() => void)[] = []
  #ended = false

  constructor(words: string[], environment: Record<string, string> = {}) {
    const child = spawn(process.execPath, [MAIN, 'listen', ...words], {
      env: { PATH: process.env['PATH'], JWT_SECRET: SECRET, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#child = child
    this.#take(child.stdout, this.lines)
    this.#take(child.stderr, this.errorLines)
    this.exited = new Promise((resolve) => {
      child.once('close', (code) => {
        this.#ended = true
        resolve(code)
        this.#tell()
      })
    })
  }

  /** The first line that fits, when it has come; fails where the command ends before. */
  line(fits: (line: string) => boolean): Promise<string> {
    return this.#first(this.lines, fits)
  }

  /** The same of standard error. */
  errorLine(fits: (line: string) => boolean): Promise<string> {
    return this.#first(this.errorLines, fits)
  }

  /** Ends it as Ctrl-C does, or as another signal. */
  async interrupt(signal: NodeJS.Signals = 'SIGINT'): Promise<number | null> {
    this.#child.kill(signal)
    return this.exited
  }

  /** Reads no more of its standard output, as `head` does when it has enough. */
  stopReading(): void {
    this.#child.stdout.destroy()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.exited
  }

  #take(stream: Readable, lines: string[]): void {
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line)
      this.#tell()
    })
  }

  async #first(lines: string[], fits: (line: string) => boolean): Promise<string> {
    for (;;) {
      const found = lines.find(fits)
      if (found !== undefined) return found
      if (this.#ended) throw new Error(`it ended without that line: ${this.errorLines.join('\n')}`)
      await new Promise<void>((resolve) => this.#arrived.push(resolve))
    }
  }

  #tell(): void {
    const waiting = this.#arrived
    this.#arrived = []
    for (const arrived of waiting) arrived()
  }
}
