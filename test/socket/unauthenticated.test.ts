import { expect, test } from 'vitest'
import { Unauthenticated } from '../../src/socket/unauthenticated.js'
import type { LiveSession } from '../../src/socket/session-context.js'

/** The gate, and what those who came through it were told, by their names. */
function openGate() {
  const ended: string[] = []
  const gate = new Unauthenticated(
    { add: () => undefined, joined: () => undefined, left: () => undefined },
    { maxUnauthenticated: 1_000, maxUnauthenticatedPerAddress: 2 },
  )
  const come = (id: string, { hasToken }: { hasToken: boolean }): void => {
    const session: LiveSession = {
      id,
      address: '203.0.113.1',
      connectedAt: 0,
      heardAt: 0,
      device: undefined,
      epoch: undefined,
      hasToken,
      isOpen: false,
      isReplaying: false,
      isWindowFull: false,
      latest: undefined,
      wake: () => undefined,
      tick: () => undefined,
      deliver: () => undefined,
      fail: ({ code }) => {
        ended.push(`${id} ${code}`)
        gate.left(session, undefined)
      },
      failWhenOf: () => undefined,
      endIfRevoked: () => undefined,
      drain: () => undefined,
      close: () => undefined,
    }
    gate.add(session)
  }
  return { come, ended }
}

test('ends the oldest of too many that bring no token, and none of those that brought one', () => {
  const { come, ended } = openGate()
  come('signing in', { hasToken: true })
  for (const name of ['first', 'second']) come(name, { hasToken: false })
  expect(ended).toEqual([])
  come('third', { hasToken: false })
  come('signing in too', { hasToken: true })
  expect(ended).toEqual(['first overloaded'])
})

test('lets ten times as many bring their tokens at once', () => {
  const { come, ended } = openGate()
  for (let number = 1; number <= 20; number++) come(String(number), { hasToken: true })
  expect(ended).toEqual([])
  come('21', { hasToken: true })
  expect(ended).toEqual(['1 overloaded'])
})
