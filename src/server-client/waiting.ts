import type { Timer } from './environment.js'

/** Waits some milliseconds. @throws the signal's reason, as soon as it is aborted */
export function wait(
  timer: Timer,
  milliseconds: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancel = timer(milliseconds, () => {
      signal?.removeEventListener('abort', abort)
      resolve()
    })
    function abort(): void {
      cancel()
      reject(reasonOf(signal))
    }
    if (signal?.aborted) return abort()
    signal?.addEventListener('abort', abort, { once: true })
  })
}

/** How work with a time limit ended. */
export type Limited<Value> = { kind: 'done'; value: Value } | { kind: 'late' }

/**
 * Does something that is given up after some milliseconds, or when the caller's signal is aborted. The work gets a signal of
 * its own; it is not waited for where it does not listen to that.
 * @throws what the work throws, or the reason of the caller's signal
 */
export async function limited<Value>(
  timer: Timer,
  { milliseconds, signal }: { milliseconds: number; signal: AbortSignal | undefined },
  work: (signal: AbortSignal) => Promise<Value>,
): Promise<Limited<Value>> {
  if (signal?.aborted) throw reasonOf(signal)
  const controller = new AbortController()
  const cleanups: (() => void)[] = []
  const ended = new Promise<Limited<Value>>((resolve, reject) => {
    const late = (): void => {
      resolve({ kind: 'late' })
      controller.abort()
    }
    const abort = (): void => {
      reject(reasonOf(signal))
      controller.abort(signal?.reason)
    }
    signal?.addEventListener('abort', abort, { once: true })
    cleanups.push(timer(milliseconds, late), () => signal?.removeEventListener('abort', abort))
  })
  try {
    const done = work(controller.signal).then((value) => ({ kind: 'done', value }) as const)
    return await Promise.race([ended, done])
  } finally {
    for (const cleanup of cleanups) cleanup()
  }
}

/** Anything can be a reason; what is thrown is an error. */
function reasonOf(signal: AbortSignal | undefined): Error {
  const reason: unknown = signal?.reason
  return reason instanceof Error ? reason : new Error('aborted', { cause: reason })
}
