/**
 * What was asked for, within so many milliseconds.
 * @throws what `late` makes where it takes longer
 */
export async function inTime<Answer>(
  asked: Promise<Answer>,
  { withinMs, late }: { withinMs: number; late: () => Error },
): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(late()), withinMs)
  })
  try {
    return await Promise.race([asked, tooLate])
  } finally {
    clearTimeout(timer)
  }
}
