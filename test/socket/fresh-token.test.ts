import { EventEmitter, once } from 'node:events'
import { expect, test } from 'vitest'
import { command } from './command.js'
import { settled } from './memory-log.js'
import { NOW, openSession } from './session-fixture.js'

test('lives on with a fresh token of the same user, and closes 4403 on one of another', async () => {
  const { socket, tick, session } = await openSession({ tokenMs: 30_000 })
  session.heard()
  tick(20_000)
  session.receive(command('authenticate', { token: 'alice' }, 'fresh'))
  await settled()
  expect(socket.messages.at(-1)).toMatchObject({
    type: 'reply',
    id: 'fresh',
    payload: { tokenExpiresAt: new Date(NOW + 50_000).toISOString() },
  })
  session.heard()
  tick(15_000)
  expect(socket.closedWith).toBeUndefined()
  session.receive(command('authenticate', { token: 'bob' }))
  await settled()
  expect(socket.errors).toEqual(['principal_changed'])
  expect(socket.closedWith?.code).toBe(4403)
})

test('keeps the token that came last, though the look-up of one before it took longer', async () => {
  const lookUp = new EventEmitter()
  const late = once(lookUp, 'done')
  const { socket, tick, session } = await openSession({ tokenMs: 30_000, late })
  session.receive(command('authenticate', { token: 'late' }, 'late'))
  session.heard()
  tick(10_000)
  session.receive(command('authenticate', { token: 'alice' }, 'last'))
  await settled()
  lookUp.emit('done')
  await settled()
  // Both are told the end that stands.
  const payload = { tokenExpiresAt: new Date(NOW + 40_000).toISOString() }
  expect(socket.messages.filter(({ type }) => type === 'reply')).toEqual([
    { type: 'reply', id: 'last', payload },
    { type: 'reply', id: 'late', payload },
  ])
  session.heard()
  tick(25_000)
  expect(socket.closedWith).toBeUndefined()
  session.heard()
  tick(5_000)
  expect(socket.closedWith?.code).toBe(4401)
})
