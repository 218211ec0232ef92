import { afterAll, beforeAll } from 'vitest'

/** Kinds of resources, by Node's own names, that a test must give back. */
const OWNED = new Set([
  'TCPServerWrap',
  'TCPSocketWrap',
  'MessagePort',
  'ProcessWrap',
  'Timeout',
  'FSReqCallback',
])

/** Turns of the event loop in which what was closed may end. */
const TURNS = 2_000

function held(): Map<string, number> {
  const counts = new Map<string, number>()
  for (const kind of process.getActiveResourcesInfo()) {
    if (OWNED.has(kind)) counts.set(kind, (counts.get(kind) ?? 0) + 1)
  }
  return counts
}

let before = new Map<string, number>()

function leaked(): string[] {
  return [...held()]
    .filter(([kind, count]) => count > (before.get(kind) ?? 0))
    .map(([kind, count]) => `${count - (before.get(kind) ?? 0)} × ${kind}`)
}

beforeAll(() => {
  before = held()
})

// A file of tests that leaves a socket, a timer, a thread or a process behind fails.
afterAll(async () => {
  for (let turn = 0; turn < TURNS && leaked().length > 0; turn++) {
    await new Promise((resolve) => setImmediate(resolve))
  }
  if (leaked().length > 0) throw new Error(`the tests of this file leak ${leaked().join(', ')}`)
})
