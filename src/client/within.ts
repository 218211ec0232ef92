import type { Environment } from './environment.js'

/**
 * What others promised, or a rejection where it takes too long, or where `signal` says that it is of no use any more: nothing of
 * theirs holds the inbox up for ever.
 */
export async function within<Value>(
  environment: Pick<Environment, 'after'>,
  milliseconds: number,
  ask: () => Value | Promise<Value>,
  signal?: AbortSignal,
): Promise<Value> {
  let giveUp: (error: Error) => void = ignore
  const given = new Promise<never>((_, reject) => (giveUp = reject))
  const aborted = (): void => giveUp(new Error('it is of no use any more'))
  const cancel = environment.after(milliseconds, () =>
    giveUp(new Error(`no answer within ${milliseconds} ms`)),
  )
  signal?.addEventListener('abort', aborted)
  try {
    return await Promise.race([ask(), given])
  } finally {
    cancel()
    signal?.removeEventListener('abort', aborted)
  }
}

function ignore(): void {
  // Stands until the promise has given its own.
}
