/** How long what must come may take, in milliseconds: 10 seconds, and less once a run has failed, since each smaller one waits again. */
let patienceMs = 10_000

export function loseSomePatience(): void {
  patienceMs = 1_500
}

/** What a promise brings; rejects where it takes so long that it never will. */
export async function within<Value>(
  promise: Promise<Value>,
  what: string | (() => string),
): Promise<Value> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`did not come: ${typeof what === 'string' ? what : what()}`))
    }, patienceMs)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}
