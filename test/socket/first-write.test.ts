import { once } from 'node:events'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { tokenFor } from '../harness.js'
import { dial, upgradeText } from '../http/raw.js'
import { useService } from '../use-service.js'
import { openSession } from './session-fixture.js'
import { MemoryLog } from './memory-log.js'

const alice = useService()

/** Asks for a socket by bytes; resolves when the first have come back. */
async function firstBytes(...credential: string[]): Promise<ReturnType<typeof dial>> {
  const dialled = dial(alice().service.url)
  dialled.socket.write(upgradeText('phone', credential))
  await once(dialled.socket, 'data')
  return dialled
}

const SWITCHING = /^HTTP\/1\.1 101 /

test('the answer to the handshake comes with `welcome` and `caught_up`, in one piece', async () => {
  const { socket, text } = await firstBytes(`Authorization: Bearer ${alice().token}`)
  expect(text()).toMatch(SWITCHING)
  expect(text()).toMatch(/"welcome".*"caught_up"/)
  socket.destroy()
})

test('the answer to the handshake comes with the refusal of a token in the subprotocol, and the goodbye', async () => {
  const { socket, text, ended } = await firstBytes('Sec-WebSocket-Protocol: posthorn.v1, bearer.no')
  expect(text()).toMatch(SWITCHING)
  expect(text()).toMatch(/"invalid_token".*invalid_token$/s)
  socket.end()
  await ended
})

test('a client that has still to show its token is answered at once', async () => {
  const { socket, text } = await firstBytes()
  expect(text()).toMatch(/^HTTP\/1\.1 101 .*\r\n\r\n$/s)
  socket.destroy()
})

test('a store that takes its time does not keep the answer to the handshake back', async () => {
  const other = new Database(alice().service.databasePath)
  try {
    // Another program holds the lock, and bob's device is new: it can't be made.
    other.exec('BEGIN IMMEDIATE')
    const { socket, text } = await firstBytes(`Authorization: Bearer ${await tokenFor('bob')}`)
    expect(text()).toMatch(/^HTTP\/1\.1 101 .*\r\n\r\n$/s)
    other.exec('ROLLBACK')
    while (!text().includes('"caught_up"')) await once(socket, 'data')
    socket.destroy()
  } finally {
    other.close()
  }
})

test('what a session says when it opens is held until all of it is said', async () => {
  const log = new MemoryLog()
  log.hold()
  const { socket, tick } = await openSession({ log, request: { start: { kind: 'latest' } } })
  // As the server does before it answers the handshake.
  socket.hold()
  tick(500)
  expect(socket.isHeld).toBe(false)
  const held: boolean[] = []
  socket.onSend = () => held.push(socket.isHeld)
  await log.release()
  expect(socket.types).toEqual(['welcome', 'caught_up'])
  expect(held).toEqual([true, true])
  expect(socket.isHeld).toBe(false)
})
