/** A function that has `call` called once for all calls of this moment, after it: a frame may bring 64 changes, who shows them draws once. */
export function coalesce(call: () => void): () => void {
  let isDue = false
  return () => {
    if (isDue) return
    isDue = true
    queueMicrotask(() => {
      isDue = false
      call()
    })
  }
}
