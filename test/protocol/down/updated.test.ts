import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { Down } from '../../../src/protocol/down/index.js'
import { updatedFrame } from '../../../src/protocol/down/updated.js'
import type { EntryState } from '../../../src/protocol/notification.js'

const time = fc.option(fc.integer({ min: 0, max: Date.UTC(9999, 11, 31) }), { nil: null })

const state: fc.Arbitrary<EntryState> = fc.record({
  seq: fc.maxSafeNat(),
  arrivedSeq: fc.maxSafeNat(),
  seenAt: time,
  readAt: time,
  archivedAt: time,
})

const iso = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString())

test.each([['replayed' as const], [{ unread: 3, unseen: 1 }]])(
  'writes the state of an entry by the schema of what the server says (%j)',
  (counts) => {
    fc.assert(
      fc.property(state, fc.uuid({ version: 7 }), (entry, id) => {
        const { seq, seenAt, readAt, archivedAt } = entry
        const times = { seenAt: iso(seenAt), readAt: iso(readAt), archivedAt: iso(archivedAt) }
        const told = counts === 'replayed' ? {} : counts
        expect(Down.parse(JSON.parse(updatedFrame(entry, id, counts)))).toEqual({
          type: 'updated',
          payload: { seq, id, ...times, ...told },
        })
      }),
    )
  },
)
