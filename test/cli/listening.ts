import { spawn, type ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { SECRET } from '../harness.js'

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url))

/** A `posthorn listen` in a process of its own, and the lines that it has printed. */
export class Listening {
  readonly #child: ChildProcess
  readonly lines: string[] = []
  errors = ''
  readonly exited: Promise<number | null>
  #arrived: (() => void)[] = []
  #ended = false

  constructor(words: string[], environment: Record<string, string> = {}) {
    const child = spawn(process.execPath, [MAIN, 'listen', ...words], {
      env: { PATH: process.env['PATH'], JWT_SECRET: SECRET, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#child = child
    child.stderr.setEncoding('utf8').on('data', (text: string) => (this.errors += text))
    createInterface({ input: child.stdout }).on('line', (line) => {
      this.lines.push(line)
      this.#tell()
    })
    this.exited = new Promise((resolve) => {
      child.once('close', (code) => {
        this.#ended = true
        resolve(code)
        this.#tell()
      })
    })
  }

  /** The first line that fits, when it has come; fails where the command ends before. */
  async line(fits: (line: string) => boolean): Promise<string> {
    for (;;) {
      const found = this.lines.find(fits)
      if (found !== undefined) return found
      if (this.#ended) throw new Error(`it ended without that line: ${this.errors}`)
      await new Promise<void>((resolve) => this.#arrived.push(resolve))
    }
  }

  /** Ends it as Ctrl-C does. */
  async interrupt(): Promise<number | null> {
    this.#child.kill('SIGINT')
    return this.exited
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.exited
  }

  #tell(): void {
    const waiting = this.#arrived
    this.#arrived = []
    for (const arrived of waiting) arrived()
  }
}
