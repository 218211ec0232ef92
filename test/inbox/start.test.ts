import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { settleStart } from '../../src/inbox/start.js'
import type { Start } from '../../src/protocol/socket-query.js'

const log = { epoch: 'e', latest: 10, cursor: 4 }
const at = (cursor: number, epoch = 'e'): Start => ({ kind: 'cursor', cursor, epoch })
const stored = { position: 4, cursor: 4, acknowledges: true, strayed: false }

test.each<[string, Start, ReturnType<typeof settleStart>]>([
  ['the stored cursor', { kind: 'stored' }, stored],
  [
    'latest, which is skipped to, not received',
    { kind: 'latest' },
    { position: 10, cursor: 10, acknowledges: false, strayed: false },
  ],
  ['a cursor above the stored one', at(7), { ...stored, position: 7, cursor: 7 }],
  ['a cursor at the end', at(10), { ...stored, position: 10, cursor: 10 }],
  ['a cursor equal to the stored one', at(4), stored],
  ['a cursor below the stored one', at(1), { ...stored, position: 1 }],
  ['a cursor at the beginning', at(0), { ...stored, position: 0 }],
  ['a cursor ahead of the log', at(11), { ...stored, strayed: true }],
  ['a cursor of another epoch', at(7, 'f'), { ...stored, strayed: true }],
  ['a cursor of another epoch, below the stored one', at(1, 'f'), { ...stored, strayed: true }],
])('settles %s', (_what, start, settled) => {
  expect(settleStart(start, log)).toEqual(settled)
})

test.each<Start>([{ kind: 'stored' }, { kind: 'latest' }, at(0)])(
  'starts an empty log at its beginning: %j',
  (start) => {
    const settled = settleStart(start, { epoch: 'e', latest: 0, cursor: 0 })
    expect(settled).toMatchObject({ position: 0, cursor: 0, strayed: false })
  },
)

test('never moves the cursor back, and neither cursor nor position past the log', () => {
  const epoch = fc.constantFrom('e', 'f')
  const start = fc.oneof(
    fc.constant<Start>({ kind: 'stored' }),
    fc.constant<Start>({ kind: 'latest' }),
    fc.record({ kind: fc.constant('cursor' as const), cursor: fc.nat({ max: 12 }), epoch }),
  )
  fc.assert(
    fc.property(start, fc.nat({ max: 10 }), fc.nat({ max: 10 }), (start, a, b) => {
      const log = { epoch: 'e', latest: Math.max(a, b), cursor: Math.min(a, b) }
      const { cursor, position, acknowledges, strayed } = settleStart(start, log)
      expect(cursor).toBeGreaterThanOrEqual(log.cursor)
      expect(cursor).toBeLessThanOrEqual(log.latest)
      expect(position).toBeLessThanOrEqual(cursor)
      expect(acknowledges).toBe(start.kind !== 'latest')
      expect(strayed && (cursor !== log.cursor || position !== log.cursor)).toBe(false)
    }),
  )
})
