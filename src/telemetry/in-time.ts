/** Undefined where it fails, or takes longer: whoever watches a service that is in trouble must still see the rest. */
export async function inTime<Value>(
  asked: Promise<Value>,
  withinMs: number,
): Promise<Value | undefined> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), withinMs)
  })
  try {
    return await Promise.race([asked.catch(() => undefined), late])
  } finally {
    clearTimeout(timer)
  }
}
