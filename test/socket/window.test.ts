import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { Window } from '../../src/socket/window.js'

const SIZE = 8

/** Steps of a connection: how far the next entry lies ahead, or which share of what was sent is acknowledged. */
const step = fc.oneof(
  fc.record({ kind: fc.constant('send' as const), ahead: fc.integer({ min: 1, max: 5 }) }),
  fc.record({ kind: fc.constant('acknowledge' as const), seq: fc.integer({ min: 0, max: 60 }) }),
)

test('holds what was sent and not acknowledged, whatever the gaps and the order', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const window = new Window(SIZE)
      let waiting: number[] = []
      let sent = 0
      let covered = 0
      let taken = 0
      let fullSince: number | undefined
      for (const [now, next] of steps.entries()) {
        if (next.kind === 'send' && waiting.length < SIZE) {
          sent += next.ahead
          waiting.push(sent)
          window.add(sent, now)
          if (waiting.length === SIZE) fullSince = now
        }
        if (next.kind === 'acknowledge') {
          covered += waiting.filter((seq) => seq <= next.seq).length
          waiting = waiting.filter((seq) => seq > next.seq)
          taken += window.acknowledge(next.seq)
          if (waiting.length < SIZE) fullSince = undefined
        }
        expect([window.room, window.fullSince]).toEqual([SIZE - waiting.length, fullSince])
        expect(taken).toBe(covered)
      }
    }),
  )
})
