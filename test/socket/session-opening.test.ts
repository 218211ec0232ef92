import { expect, test } from 'vitest'
import { openSession } from './session-fixture.js'
import { MemoryLog, settled } from './memory-log.js'

test('counts that change while a session is opened are told after the welcome, which did not know them', async () => {
  const log = new MemoryLog()
  log.append()
  log.advance('phone', 1)
  log.hold()
  const { session, socket } = await openSession({ log })
  // The store has answered with the counts of then; the answer is on its way.
  session.wake({ user: 'alice', seq: 1, change: { kind: 'counts' }, frame: undefined })
  await log.release()
  await settled()
  expect(socket.types).toEqual(['welcome', 'caught_up', 'counts'])
})
