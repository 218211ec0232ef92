import { once } from 'node:events'
import { createServer } from 'node:http'
import { expect, test } from 'vitest'
import { AnswersInTurn } from '../../src/http/answers-in-turn.js'
import { listen } from '../../src/http/listen.js'
import { startService, tokenFor } from '../harness.js'
import { dial } from './raw.js'

const lines = (...of: string[]): string => [...of, 'Host: localhost', '', ''].join('\r\n')

/** The first lines of the answers in what came. */
const statuses = (text: string): string[] => text.match(/HTTP\/1\.1 \d+/g) ?? []

test('what asks for an upgrade is answered after what was asked before it on the connection', async () => {
  await using service = await startService()
  const authorization = `Authorization: Bearer ${await tokenFor('alice')}`
  const shake = [
    'GET /v1/socket?device=phone HTTP/1.1',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${Buffer.alloc(16).toString('base64')}`,
  ]
  const { socket, ended, text } = dial(service.url)
  // The list waits for the store; the handshake could be answered at once.
  socket.write(
    lines('GET /v1/inbox HTTP/1.1', authorization) +
      lines('GET /healthz HTTP/1.1') +
      lines(...shake, authorization),
  )
  while (!text().includes('"caught_up"')) await once(socket, 'data')
  expect(statuses(text())).toEqual(['HTTP/1.1 200', 'HTTP/1.1 200', 'HTTP/1.1 101'])
  expect(text().indexOf('"items"')).toBeLessThan(text().indexOf('"status":"ok"'))
  socket.destroy()
  await ended
})

test('an upgrade on a connection whose answers have all gone out is taken at once', async () => {
  await using service = await startService()
  const { socket, ended, text } = dial(service.url)
  socket.write(lines('GET /healthz HTTP/1.1'))
  while (!text().endsWith('{"status":"ok"}')) await once(socket, 'data')
  socket.write(lines('GET /healthz HTTP/1.1', 'Connection: Upgrade, close', 'Upgrade: h2c'))
  expect(statuses(await ended)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 200'])
})

test('a caller that goes away before its turn leaves nothing behind', async () => {
  await using service = await startService()
  const authorization = `Authorization: Bearer ${await tokenFor('alice')}`
  const { socket, ended } = dial(service.url)
  await once(socket, 'connect')
  socket.write(
    lines('GET /v1/inbox HTTP/1.1', authorization) +
      lines('GET /v1/socket HTTP/1.1', 'Connection: Upgrade', 'Upgrade: websocket'),
  )
  socket.resetAndDestroy()
  await ended
  expect((await service.api.request('/healthz')).status).toBe(200)
  expect(service.connections()).toBe(0)
})

test.each([
  ['is ended by the service', 0, (answers: AnswersInTurn) => answers.end()],
  ['ends when nothing moves on it', 20, () => undefined],
])('a connection that waits behind an answer which never comes %s', async (_how, timeout, act) => {
  const server = createServer(() => undefined)
  server.timeout = timeout
  const answers = new AnswersInTurn(server)
  let turns = 0
  const asked = new Promise<void>((resolve) => {
    server.on('upgrade', (_request, socket) => {
      answers.after(socket, () => turns++)
      resolve()
    })
  })
  const { socket, ended } = dial(
    await listen(server, { scheme: 'http', host: '127.0.0.1', port: 0 }),
  )
  const upgrade = lines('GET / HTTP/1.1', 'Connection: Upgrade', 'Upgrade: websocket')
  socket.write(lines('GET / HTTP/1.1') + upgrade)
  await asked
  act(answers)
  expect(await ended).toBe('')
  expect(turns).toBe(0)
  // It would wait for a connection that nobody ends.
  await new Promise((resolve) => server.close(resolve))
})
