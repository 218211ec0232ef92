import type { Environment } from './environment.js'

/** What others promised, or a rejection where it takes too long: nothing of theirs holds the inbox up for ever. */
export async function within<Value>(
  environment: Pick<Environment, 'after'>,
  milliseconds: number,
  ask: () => Value | Promise<Value>,
): Promise<Value> {
  let cancel: (() => void) | undefined
  const tooLate = new Promise<never>((_, reject) => {
    const error = new Error(`no answer within ${milliseconds} ms`)
    cancel = environment.after(milliseconds, () => reject(error))
  })
  try {
    return await Promise.race([ask(), tooLate])
  } finally {
    cancel?.()
  }
}
