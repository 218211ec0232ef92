import type { WriteStream } from 'node:tty'

/** How often it is told where nobody watches, in milliseconds. */
const EVERY_MS = 5_000

const WIDTH = 30

/** How far a long work has come: a bar that grows on a terminal, else a line every five seconds. */
export class ProgressLine {
  readonly #stream: Pick<WriteStream, 'write' | 'isTTY'>
  readonly #clock: () => number
  readonly #began: number
  #toldAt: number
  #firstRows: number | undefined
  #isOpen = false

  constructor(stream: Pick<WriteStream, 'write' | 'isTTY'>, clock = () => performance.now()) {
    this.#stream = stream
    this.#clock = clock
    this.#began = this.#toldAt = clock()
  }

  tell(what: string, done: number, total: number): void {
    const now = this.#clock()
    this.#firstRows ??= done
    const part = total === 0 ? 1 : done / total
    const rate = Math.round((done - this.#firstRows) / Math.max((now - this.#began) / 1000, 0.001))
    const said = `${Math.floor(part * 100)} %  ${done} of ${total} rows  ${rate} a second  ${what}`
    if (this.#stream.isTTY) {
      const bar = '#'.repeat(Math.round(part * WIDTH)).padEnd(WIDTH, '.')
      this.#stream.write(`\r\u001B[K[${bar}] ${said}`)
      this.#isOpen = true
    } else if (now - this.#toldAt >= EVERY_MS) {
      this.#toldAt = now
      this.#stream.write(`${said}\n`)
    }
  }

  /** Leaves the line to what comes after. */
  end(): void {
    if (this.#isOpen) this.#stream.write('\n')
    this.#isOpen = false
  }
}
