import { open } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { v7 as uuidv7 } from 'uuid'
import { WebSocketServer, type WebSocket } from 'ws'
import { bearerToken } from '../../../src/auth/bearer.js'
import { secretKeys } from '../../../src/auth/keys.js'
import { requireService, requireUser } from '../../../src/auth/principal.js'
import { createVerifier } from '../../../src/auth/verify.js'
import { issuer } from '../../issuer.js'
import { notificationFrame } from '../../../src/protocol/down/notification.js'
import type { NotificationContent } from '../../../src/protocol/notification.js'
import { parseSendRequest, type SendReceipt } from '../../../src/protocol/send.js'
import { readArgument } from '../child-side.js'
import { FloorOptions } from '../messages.js'
import { listen } from './listen.js'
import { nothingRevoked } from '../../nothing-revoked.js'

// The floor of `live`: a server with the same token check and the same parse that keeps nothing, and pushes an equal
// frame to the socket of the user. What the service takes beyond it is the price of a log and of its cursors. For `latency` it syncs
// a file before that, each notification by itself.

interface Connected {
  socket: WebSocket
  seq: number
}

const { secret, syncFile } = FloorOptions.parse(readArgument())
const file = syncFile === undefined ? undefined : await open(syncFile, 'w')
const verify = createVerifier({
  issuers: [issuer(secretKeys(secret))],
  clock: Date.now,
  revocations: nothingRevoked,
})
const connected = new Map<string, Connected>()

async function accept(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const principal = await verify(bearerToken(request.headers.authorization))
  const { subject } = requireService(principal, 'posthorn:send')
  const { to, ...said } = parseSendRequest(JSON.parse(await readBody(request)), Date.now())
  if (!('user' in to)) throw new Error('the load sends to one user each')
  const id = uuidv7()
  const createdAt = new Date().toISOString()
  const content: NotificationContent = {
    id,
    type: said.type,
    title: said.title ?? null,
    body: said.body ?? null,
    url: said.url ?? null,
    icon: said.icon ?? null,
    data: said.data ?? null,
    priority: said.priority ?? 'normal',
    collapseKey: null,
    topic: null,
    sender: subject,
    createdAt,
    expiresAt: null,
  }
  const contentJson = JSON.stringify(content)
  if (file) {
    await file.write(contentJson, 0)
    await file.datasync()
  }
  const seq = push(to.user, contentJson)
  const receipt: SendReceipt = {
    id,
    status: 'stored',
    seq,
    recipients: { total: 1, stored: 1 },
    createdAt,
    expiresAt: null,
  }
  const body = JSON.stringify(receipt)
  response.writeHead(201, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  })
  response.end(body)
}

function push(user: string, contentJson: string): number {
  const device = connected.get(user)
  if (!device) throw new Error('the load sends to connected users')
  const seq = ++device.seq
  const state = { seq, arrivedSeq: seq, seenAt: null, readAt: null, archivedAt: null }
  device.socket.send(notificationFrame(state, contentJson, { unread: seq, unseen: seq }))
  return seq
}

function readBody(request: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => resolve(Buffer.concat(chunks).toString()))
    request.on('error', reject)
  })
}

const server = createServer((request, response) => {
  accept(request, response).catch((error: unknown) => {
    response.writeHead(500).end(String(error))
  })
})

const upgrader = new WebSocketServer({ server, clientTracking: false, perMessageDeflate: false })
upgrader.on('connection', (socket, request) => {
  const caughtUp = { type: 'caught_up', payload: { seq: 0, unread: 0, unseen: 0 } }
  socket.on('message', (data: Buffer) => {
    // An acknowledgement is read and forgotten: there is no cursor to move.
    if (data.includes('"ping"')) socket.send('{"type":"pong","payload":{}}')
  })
  verify(bearerToken(request.headers.authorization)).then(
    (principal) => {
      connected.set(requireUser(principal).user, { socket, seq: 0 })
      socket.send(JSON.stringify(caughtUp))
    },
    () => socket.close(),
  )
})
await listen(server)
