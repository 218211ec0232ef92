/**
 * Reads a trace of strace and counts the answers to sends and marks, and those that no completed sync stands before. Requests
 * must have come one after the other. A call of another thread may be cut in two: `<unfinished ...>` where it began and
 * `<... resumed>` where it was done, which is what counts for a sync.
 */
export function unsynced(trace: string): { answers: number; missing: number } {
  let synced = false
  let answers = 0
  let missing = 0
  for (const line of trace.split('\n')) {
    if (/"POST \/v1\/(?:notifications|inbox\/mark)/.test(line)) synced = false
    if (isCompletedSync(line)) synced = true
    if (/"HTTP\/1\.1 20[01] /.test(line)) {
      answers++
      if (!synced) missing++
    }
  }
  return { answers, missing }
}

function isCompletedSync(line: string): boolean {
  return /\b(?:fsync|fdatasync)\b.*\) += 0$/.test(line) && !line.includes('<unfinished')
}
