import { parseArgs } from 'node:util'
import { WebSocket } from 'ws'
import { readConfig } from '../config.js'
import { Down } from '../protocol/down/index.js'
import type { NotificationContent } from '../protocol/notification.js'
import { SUBPROTOCOL } from '../protocol/version.js'
import { CommandError, parseOptions, required, serviceUrl, type Command } from './command.js'
import { mint } from './mint.js'

const USAGE = 'listen --user ID [--device D] [--json] [--token JWT] [--url URL]'

/** Prints a user's notifications as they come, and acknowledges what it has printed. */
export const listenCommand: Command = {
  name: 'listen',
  usage: USAGE,
  async run(words) {
    const options = parseOptions(USAGE, () =>
      parseArgs({
        args: words,
        options: {
          user: { type: 'string' },
          device: { type: 'string', default: 'terminal' },
          json: { type: 'boolean', default: false },
          token: { type: 'string' },
          url: { type: 'string' },
        },
      }),
    )
    const user = required(options.user, '--user', USAGE)
    const url = new URL('/v1/socket', serviceUrl(options.url))
    url.protocol = url.protocol.replace('http', 'ws')
    url.searchParams.set('device', options.device)
    const token = options.token ?? (await userToken(user))
    const socket = new WebSocket(url, SUBPROTOCOL, {
      headers: { authorization: `Bearer ${token}` },
    })
    const print = options.json ? printJson : printForPeople
    socket.on('message', (data: Buffer) => take(socket, data.toString(), print))
    process.once('SIGINT', () => socket.close(1000))
    process.once('SIGTERM', () => socket.close(1000))
    await ended(socket, url)
  },
}

/** A token for a working day, by the secret that this machine shares with the service. */
function userToken(user: string): Promise<string> {
  return mint(readConfig(process.env), {
    grant: 'user',
    name: user,
    claims: {},
    ttlSeconds: 8 * 60 * 60,
  })
}

type Print = (text: string, message: Down | undefined) => void

function take(socket: WebSocket, text: string, print: Print): void {
  const message = parseDown(text)
  print(text, message)
  const seq = message && acknowledged(message)
  if (seq !== undefined) socket.send(JSON.stringify({ type: 'ack', payload: { seq } }))
}

/** Up to where whoever was told this has the log; undefined where it says nothing of that. */
function acknowledged(message: Down): number | undefined {
  // Where nothing is left behind a gap, it would otherwise be told on each connection anew.
  if (message.type === 'gap' && message.payload.reason === 'retention') return message.payload.to
  return isEntry(message) ? message.payload.seq : undefined
}

type Entry = Extract<Down, { type: 'notification' | 'updated' | 'removed' }>

/** Whether it has a place in the log. */
function isEntry(message: Down): message is Entry {
  return ['notification', 'updated', 'removed'].includes(message.type)
}

/** Undefined for what this version doesn't know, which a newer service may say. */
function parseDown(text: string): Down | undefined {
  try {
    return Down.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

const printJson: Print = (text) => console.log(text)

const printForPeople: Print = (text, message) => {
  if (!message) return console.log(text)
  switch (message.type) {
    case 'welcome': {
      const { user, device, unread } = message.payload
      return console.log(`connected as ${user} on ${device}, ${unread} unread`)
    }
    case 'notification': {
      const { seq, replayed, notification } = message.payload
      const words = [`#${seq}`, ...wordsOf(notification), ...(replayed ? ['(replayed)'] : [])]
      return console.log(words.join('  '))
    }
    case 'ephemeral':
      return console.log([...wordsOf(message.payload.notification), '(not stored)'].join('  '))
    case 'updated': {
      const { seq, id, archivedAt, readAt, seenAt } = message.payload
      const state = archivedAt ? 'archived' : readAt ? 'read' : seenAt ? 'seen' : 'unread'
      return console.log(`#${seq}  ${id} is ${state}`)
    }
    case 'removed': {
      const { seq, id, reason } = message.payload
      return console.log(`#${seq}  ${id} is gone: ${reason}`)
    }
    case 'counts':
      return console.log(`${message.payload.unread} unread`)
    case 'caught_up':
      return console.log('up to date; waiting for more')
    case 'gap':
      return console.log('the log has changed: older notifications may be missing')
    case 'error':
      return console.error(`${message.payload.code}: ${message.payload.detail}`)
    case 'token_expiring':
      return console.error(`the token expires at ${message.payload.expiresAt}`)
    case 'draining':
      return console.error('the service is about to stop')
    case 'reply':
    case 'pong':
  }
}

/** What a notification says, for people. */
function wordsOf({ type, title, body, data }: NotificationContent): string[] {
  const said = [title, body].filter((part) => part !== null)
  return [`[${type}]`, ...said, ...(data === null ? [] : [JSON.stringify(data)])]
}

async function ended(socket: WebSocket, url: URL): Promise<void> {
  const { code, reason } = await new Promise<{ code: number; reason: string }>(
    (resolve, reject) => {
      socket.once('close', (code, reason) => resolve({ code, reason: reason.toString() }))
      socket.once('error', (error) => {
        reject(
          new CommandError(`can't listen at ${url.origin}: ${error.message}`, { cause: error }),
        )
      })
    },
  )
  if (code !== 1000)
    throw new CommandError(`the connection was closed: ${code} ${reason}`.trimEnd())
}
