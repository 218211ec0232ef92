import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { v7 as uuidv7 } from 'uuid'
import { WebSocketServer } from 'ws'
import * as z from 'zod/mini'
import { bearerToken } from '../../../src/auth/bearer.js'
import { secretKeys } from '../../../src/auth/keys.js'
import { requireUser } from '../../../src/auth/principal.js'
import { createVerifier } from '../../../src/auth/verify.js'
import { changeFrame } from '../../../src/inbox/stores/change-frame.js'
import type { SendReceipt } from '../../../src/protocol/send.js'
import { issuer } from '../../issuer.js'
import { nothingRevoked } from '../../nothing-revoked.js'
import { readArgument } from '../child-side.js'
import { contentOf } from '../load/requests.js'
import { FloorOptions } from '../messages.js'
import { storedContents } from '../stored.js'
import { listen } from './listen.js'

// The floor of `replay`: a server with the same token check that keeps one list for all, and sends to each socket what was added
// since the position that it names, one plain frame each.

const { secret, database } = FloorOptions.parse(readArgument())
const verify = createVerifier({
  issuers: [issuer(secretKeys(secret))],
  clock: Date.now,
  revocations: nothingRevoked,
})

const kept = database === undefined ? [] : storedContents(database)

/** Keeps one more for everybody, however it was asked. */
function keep(): SendReceipt {
  const id = uuidv7()
  kept.push(contentOf(kept.length, id))
  const recipients = { total: 1, stored: 1 }
  const createdAt = new Date().toISOString()
  return { id, status: 'stored', recipients, createdAt, expiresAt: null }
}

function answer(request: IncomingMessage, response: ServerResponse): void {
  request.resume()
  const isSend = request.method === 'POST'
  response.writeHead(isSend ? 201 : 200, { 'content-type': 'application/json' })
  response.end(JSON.stringify(isSend ? keep() : { epoch: 'floor' }))
}

const Position = z.coerce.number()
const server = createServer(answer)
const upgrader = new WebSocketServer({ server, clientTracking: false, perMessageDeflate: false })
upgrader.on('connection', (socket, request) => {
  socket.on('message', (data: Buffer) => {
    if (data.includes('"ping"')) socket.send('{"type":"pong","payload":{}}')
  })
  const { searchParams } = new URL(request.url ?? '', 'http://floor')
  const position = Position.parse(searchParams.get('cursor'))
  verify(bearerToken(request.headers.authorization)).then(
    (principal) => {
      requireUser(principal)
      for (let seq = position + 1; seq <= kept.length; seq++) {
        const contentJson = kept[seq - 1] ?? ''
        const state = { seq, arrivedSeq: seq, seenAt: null, readAt: null, archivedAt: null }
        socket.send(changeFrame({ kind: 'whole', contentJson, ...state }, 'replayed'))
      }
      const caughtUp = { seq: kept.length, unread: kept.length, unseen: kept.length }
      socket.send(JSON.stringify({ type: 'caught_up', payload: caughtUp }))
    },
    () => socket.close(),
  )
})
await listen(server)
