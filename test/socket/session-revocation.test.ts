import { expect, test } from 'vitest'
import { deferred } from '../deferred.js'
import { MemoryLog, settled } from './memory-log.js'
import { openSession } from './session-fixture.js'

test('ends a session whose token was revoked while it was being opened', async () => {
  const log = new MemoryLog()
  const gate = deferred<void>()
  let isRevoked = false
  const { session, socket } = await openSession({
    log,
    isRevoked: () => isRevoked,
    store: {
      ...log.store,
      openDevice: async (command) => {
        await gate.promise
        return log.store.openDevice(command)
      },
    },
  })
  isRevoked = true
  // Before the store has answered there is nothing to end: the session looks by itself.
  session.endIfRevoked()
  expect(socket.closedWith).toBeUndefined()
  gate.resolve()
  await settled()
  expect(socket.errors).toEqual(['token_revoked'])
  expect(socket.closedWith).toEqual({ code: 4403, reason: 'token_revoked' })
  expect(socket.types).not.toContain('welcome')
})

test('ends an open session once', async () => {
  let isRevoked = false
  const { session, socket, left } = await openSession({ isRevoked: () => isRevoked })
  session.endIfRevoked()
  expect(socket.closedWith).toBeUndefined()
  isRevoked = true
  session.endIfRevoked()
  session.endIfRevoked()
  expect(socket.errors).toEqual(['token_revoked'])
  expect(left()).toBe(1)
})
