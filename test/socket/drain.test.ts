import { expect, test, vi } from 'vitest'
import { drain, spreadOf } from '../../src/socket/drain.js'
import type { LiveSession } from '../../src/socket/session-context.js'

const guarded = (_session: LiveSession, act: () => void): void => act()

interface Noted {
  session: LiveSession
  heard: string[]
}

function noted(): Noted {
  const heard: string[] = []
  const session: LiveSession = {
    id: 'a-connection',
    address: undefined,
    connectedAt: 0,
    heardAt: 0,
    device: 'phone',
    epoch: 'an-epoch',
    isOpen: true,
    hasToken: true,
    isReplaying: false,
    isWindowFull: false,
    latest: undefined,
    wake: () => undefined,
    tick: () => undefined,
    deliver: () => undefined,
    fail: () => undefined,
    failWhenOf: () => undefined,
    endIfRevoked: () => undefined,
    drain: (afterMs) => void heard.push(afterMs < spreadOf(1_000) ? 'draining' : 'too late'),
    close: (code) => void heard.push(String(code)),
  }
  return { session, heard }
}

test('sends many away slice by slice, each told before it is closed, all within the time', async () => {
  vi.useFakeTimers()
  const all = Array.from({ length: 1_000 }, noted)
  const gone = (): number => all.filter(({ heard }) => heard.includes('1012')).length
  const drained = drain(
    all.map(({ session }) => session),
    { withinMs: 500, sliceMs: 50, guarded },
  )
  const steps: number[] = []
  for (let step = 0; step < 10; step++) {
    await vi.advanceTimersByTimeAsync(50)
    steps.push(gone())
  }
  await drained
  vi.useRealTimers()
  expect(steps).toEqual([100, 200, 300, 400, 500, 600, 700, 800, 900, 1_000])
  expect(all.every(({ heard }) => heard.join() === 'draining,1012')).toBe(true)
})

test('takes no time where nobody is there', async () => {
  vi.useFakeTimers()
  await drain([], { withinMs: 1_000, sliceMs: 50, guarded })
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

test.each([
  [1, 1_000],
  [500, 1_000],
  [10_000, 20_000],
  [1_000_000, 30_000],
])('%i come back over %i ms', (sessions, spreadMs) => {
  expect(spreadOf(sessions)).toBe(spreadMs)
})
