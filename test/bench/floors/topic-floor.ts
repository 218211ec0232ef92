import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { v7 as uuidv7 } from 'uuid'
import { WebSocketServer, type WebSocket } from 'ws'
import { notificationFrame } from '../../../src/protocol/down/notification.js'
import type { SendReceipt } from '../../../src/protocol/send.js'
import { contentOf } from '../load/requests.js'
import { listen } from './listen.js'

// The floor of `topic`: a loop that sends the same bytes to every socket.

const sockets = new Set<WebSocket>()
let seq = 0

function sendToAll(users: number): SendReceipt {
  const id = uuidv7()
  const contentJson = contentOf(seq, id)
  seq++
  const state = { seq, arrivedSeq: seq, seenAt: null, readAt: null, archivedAt: null }
  const frame = notificationFrame(state, contentJson, { unread: seq, unseen: seq })
  for (const socket of sockets) socket.send(frame)
  const recipients = { total: users, stored: users }
  const createdAt = new Date().toISOString()
  return { id, status: 'stored', recipients, createdAt, expiresAt: null }
}

const server = createServer((request: IncomingMessage, response: ServerResponse) => {
  request.resume()
  const isSend = request.url === '/v1/notifications'
  response.writeHead(isSend ? 201 : 200, { 'content-type': 'application/json' })
  response.end(JSON.stringify(isSend ? sendToAll(sockets.size) : {}))
})
const upgrader = new WebSocketServer({ server, clientTracking: false, perMessageDeflate: false })
upgrader.on('connection', (socket) => {
  sockets.add(socket)
  socket.on('close', () => sockets.delete(socket))
  socket.on('message', (data: Buffer) => {
    if (data.includes('"ping"')) socket.send('{"type":"pong","payload":{}}')
  })
  socket.send('{"type":"caught_up","payload":{"seq":0,"unread":0,"unseen":0}}')
})
await listen(server)
