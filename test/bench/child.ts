import { fork, spawn, type ChildProcess } from 'node:child_process'
import { on, once } from 'node:events'
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'
import { fileURLToPath, pathToFileURL } from 'node:url'
import * as z from 'zod/mini'

/** Runs TypeScript in a child as `tsx` runs it here. */
const TSX = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href

/** How long a process has to end by itself before it is killed, in milliseconds. */
const STOP_TIMEOUT_MS = 15_000

const running = new Set<ChildProcess>()

/** Kills every process that was started here and has not ended: whatever waits for one of them fails then. */
export function killChildren(): void {
  for (const child of running) child.kill('SIGKILL')
}

// However this process ends, it leaves none of its own behind.
process.on('exit', killChildren)

/** A process that was started here, from its start until its scope ends. */
export class Child {
  readonly #name: string
  readonly #process: ChildProcess
  readonly #messages: AsyncIterator<unknown>

  private constructor(name: string, process: ChildProcess, messages: AsyncIterator<unknown>) {
    this.#name = name
    this.#process = process
    this.#messages = messages
    running.add(process)
    process.once('exit', () => running.delete(process))
  }

  /** Starts a TypeScript file, by its URL or its place in this folder, and talks with it over a channel. */
  static fork(file: string, argument: object, { preload }: { preload?: URL } = {}): Child {
    const child = fork(fileURLToPath(new URL(file, import.meta.url)), [JSON.stringify(argument)], {
      execArgv: ['--import', TSX, ...(preload === undefined ? [] : ['--import', preload.href])],
    })
    return new Child(file, child, firstOfEach(on(child, 'message', { close: ['exit'] })))
  }

  /** Starts a built program, which says a line of JSON on standard output for each event. */
  static spawn(words: string[], environment: Record<string, string>): Child {
    const child = spawn(process.execPath, words, {
      env: environment,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const lines = createInterface({ input: child.stdout })
    const messages = firstOfEach(on(lines, 'line', { close: ['close'] }))
    return new Child(words.join(' '), child, parseLines(messages))
  }

  /** Undefined where the process could not be started. */
  get pid(): number | undefined {
    return this.#process.pid
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal)
  }

  send(command: object): void {
    this.#process.send(command)
  }

  /**
   * The next thing that it says which has the form of the schema; what has another is passed over.
   * @throws Error where it ends instead
   */
  async next<Schema extends z.ZodMiniType>(schema: Schema): Promise<z.infer<Schema>> {
    for (;;) {
      const said = await this.#messages.next()
      if (said.done === true) throw new Error(`the process ${this.#name} has ended`)
      const parsed = schema.safeParse(said.value)
      if (parsed.success) return parsed.data
    }
  }

  /** Ends it without warning, as a crash or a power cut does. */
  async kill(): Promise<void> {
    const child = this.#process
    if (child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }

  /** Asks it to end and waits until it has. */
  async [Symbol.asyncDispose](): Promise<void> {
    const child = this.#process
    if (child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGTERM')
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS)
    await ended
    clearTimeout(timer)
  }
}

/** An event's first argument, of each event. */
async function* firstOfEach(events: AsyncIterable<unknown[]>): AsyncGenerator<unknown, void> {
  for await (const [first] of events) yield first
}

async function* parseLines(lines: AsyncIterable<unknown>): AsyncGenerator<unknown, void> {
  for await (const line of lines) yield JSON.parse(String(line))
}
