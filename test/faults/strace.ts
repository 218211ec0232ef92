import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { isAble, run } from './able.js'

/**
 * Lets system calls of a process fail, or take their time, as a disk does: strace answers in the kernel's place. Until the end of
 * the scope, or `release`, after which the disk is as it was.
 */
export class Injection {
  readonly #child: ChildProcess
  readonly #ended: Promise<unknown>

  private constructor(child: ChildProcess) {
    this.#child = child
    this.#ended = once(child, 'close')
  }

  /** `fault` in strace(1)'s words: `error=EROFS`, say. Resolves when it holds for every thread of the process. */
  static async start(pid: number, calls: string, fault: string): Promise<Injection> {
    const words = [
      '-f',
      '-p',
      String(pid),
      '-e',
      `trace=${calls}`,
      '-e',
      `inject=${calls}:${fault}`,
    ]
    const child = spawn('strace', words, { stdio: ['ignore', 'ignore', 'pipe'] })
    const injection = new Injection(child)
    let said = ''
    await new Promise<void>((resolve, reject) => {
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        said += text
        if (/Process \d+ attached/.test(said)) resolve()
      })
      void injection.#ended.then(() => reject(new Error(said)))
    })
    return injection
  }

  async release(): Promise<void> {
    this.#child.kill('SIGINT')
    await this.#ended
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await this.release()
  }
}

/** Where Linux keeps others' processes from all but the superuser, unless it is 0 (its documentation, "Yama"). */
const SCOPE = '/proc/sys/kernel/yama/ptrace_scope'

export const canInject = isAble('trace a process with strace', () => {
  run('strace', '-e', 'trace=none', 'true')
  const isScoped = existsSync(SCOPE) && readFileSync(SCOPE, 'utf8').trim() !== '0'
  if (isScoped && process.getuid?.() !== 0) throw new Error('only the superuser may trace others')
})
