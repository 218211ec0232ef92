import { WebSocket } from 'ws'
import { Down } from '../../../src/protocol/down/index.js'
import { SUBPROTOCOL } from '../../../src/protocol/version.js'
import { readArgument, serveRuns } from '../child-side.js'
import { LoadOptions, type RunReport } from '../messages.js'
import { senderToken, userToken } from '../tokens.js'
import { percentilesOf } from './poster.js'
import { userNames } from './requests.js'

// The load of `hostile`: users who have nothing to do with the hostile one, each with a connected device, and a service that
// sends to them at a steady pace.

/** Sends in a second. */
const PER_SECOND = 200

const TICK_MS = 10

/** How long what is under way may take when a run is over, in milliseconds. */
const GRACE_MS = 10_000

const options = LoadOptions.parse(readArgument())
const users = userNames(options.users)
const token = await senderToken(options.secret)
/** When what is under way was sent, by title. */
const sentAt = new Map<string, number>()
let taken: number[] = []
let violations: string[] = []
/** Called when something has come. */
let look: () => void = () => undefined

async function openDevice(user: string): Promise<void> {
  const address = new URL('/v1/socket?device=phone', options.url.replace(/^http/, 'ws'))
  const authorization = `Bearer ${await userToken(options.secret, user)}`
  const socket = new WebSocket(address, [SUBPROTOCOL], {
    headers: { authorization },
    perMessageDeflate: false,
  })
  socket.on('close', (code) => violations.push(`the socket of ${user} was closed: ${code}`))
  await new Promise<void>((resolve, reject) => {
    socket.on('error', reject)
    socket.on('message', (data: Buffer) => {
      const message = Down.parse(JSON.parse(data.toString()))
      if (message.type === 'caught_up') resolve()
      if (message.type !== 'notification') return
      const { seq, notification } = message.payload
      socket.send(JSON.stringify({ type: 'ack', payload: { seq } }))
      const sent = sentAt.get(notification.title ?? '')
      if (sent === undefined) violations.push(`${user} got ${notification.title} twice`)
      else taken.push(performance.now() - sent)
      sentAt.delete(notification.title ?? '')
      look()
    })
  })
}

async function send(title: string, user: string): Promise<void> {
  sentAt.set(title, performance.now())
  const response = await fetch(new URL('/v1/notifications', options.url), {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify({ to: { user }, type: 'bench', title, body: 'x'.repeat(200) }),
  })
  const text = await response.text()
  if (response.status !== 201) violations.push(`a send was answered ${response.status}: ${text}`)
}

let sent = 0

async function run(milliseconds: number): Promise<RunReport> {
  const begun = performance.now()
  taken = []
  violations = []
  const sending: Promise<void>[] = []
  let due = 0
  await new Promise<void>((resolve) => {
    const ticking = setInterval(() => {
      // What a busy machine has kept from being sent in time is not sent together.
      due = Math.min(due + (PER_SECOND * TICK_MS) / 1_000, 4)
      for (; due >= 1 && sending.length - taken.length < options.connections; due--) {
        sending.push(send(String(++sent), users[sent % users.length] ?? ''))
      }
      if (performance.now() - begun < milliseconds) return
      clearInterval(ticking)
      resolve()
    }, TICK_MS)
  })
  await Promise.all(sending)
  await Promise.race([
    new Promise<void>((resolve) => {
      look = () => {
        if (sentAt.size === 0) resolve()
      }
      look()
    }),
    new Promise((resolve) => setTimeout(resolve, GRACE_MS).unref()),
  ])
  if (sentAt.size > 0) violations.push(`${sentAt.size} were accepted and did not come`)
  return {
    kind: 'ran',
    operations: taken.length,
    milliseconds: performance.now() - begun,
    latency: percentilesOf(taken),
    violations,
    accepted: [],
  }
}

await Promise.all(users.map(openDevice))
serveRuns(run)
