import { once } from 'node:events'
import { expect, test } from 'vitest'
import { WebSocketServer, type WebSocket } from 'ws'
import { Listening } from './listening.js'

const ID = '01a205a4-f684-7159-8251-0ba1ed83d765'

const GAP = { type: 'gap', payload: { from: 2, to: 6, reason: 'retention' } }
const REMOVED = {
  type: 'removed',
  payload: { seq: 8, id: ID, collapseKey: 'order-8812', reason: 'recalled', unread: 3, unseen: 1 },
}
const EPHEMERAL = {
  type: 'ephemeral',
  payload: {
    notification: {
      id: ID,
      type: 'typing',
      title: 'Bob writes',
      body: null,
      url: null,
      icon: null,
      data: { chat: 7 },
      priority: 'low',
      collapseKey: null,
      topic: null,
      sender: 'chat',
      createdAt: '2026-11-22T10:00:00.000Z',
      expiresAt: '2026-11-22T10:00:00.000Z',
    },
  },
}

test('`listen` tells of what is removed, missing, counted or not stored, and acknowledges what has a place in the log', async () => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  const connected = new Promise<WebSocket>((resolve) => server.once('connection', resolve))
  const words = ['--user', 'alice', '--url', `http://127.0.0.1:${address.port}`]
  await using listening = new Listening(words)
  const socket = await connected
  const heard: unknown[] = []
  socket.on('message', (data: Buffer) => heard.push(JSON.parse(data.toString())))
  const counts = { type: 'counts', payload: { unread: 2, unseen: 0 } }
  for (const message of [GAP, REMOVED, EPHEMERAL, counts]) socket.send(JSON.stringify(message))

  await listening.line((line) => line === '2 unread')
  expect(listening.lines).toEqual([
    'the log has changed: older notifications may be missing',
    `#8  ${ID} is gone: recalled`,
    '[typing]  Bob writes  {"chat":7}  (not stored)',
    '2 unread',
  ])
  expect(await listening.interrupt()).toBe(0)
  expect(heard).toEqual([
    { type: 'ack', payload: { seq: 6 } },
    { type: 'ack', payload: { seq: 8 } },
  ])
  await new Promise((resolve) => server.close(resolve))
})
