import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { Down } from '../../../src/protocol/down/index.js'
import { RemovalReason, removedFrame } from '../../../src/protocol/down/removed.js'

/** Any text that the wire carries: it may hold quotes, and whatever else JSON has to escape. */
const collapseKey = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 })

const removal = fc.record({
  seq: fc.maxSafeNat(),
  id: fc.uuid({ version: 7 }),
  collapseKey: fc.option(collapseKey, { nil: null }),
  reason: fc.constantFrom(...RemovalReason.options),
})

test.each([['replayed' as const], [{ unread: 3, unseen: 1 }]])(
  'writes what was taken out by the schema of what the server says (%j)',
  (counts) => {
    fc.assert(
      fc.property(removal, (removed) => {
        const { seq, id, reason } = removed
        const key = removed.collapseKey === null ? {} : { collapseKey: removed.collapseKey }
        const told = counts === 'replayed' ? {} : counts
        expect(Down.parse(JSON.parse(removedFrame(removed, counts)))).toEqual({
          type: 'removed',
          payload: { seq, id, ...key, reason, ...told },
        })
      }),
    )
  },
)
