import type { IncomingMessage } from 'node:http'
import { WebSocket } from 'ws'
import * as z from 'zod/mini'
import { ERRORS } from '../protocol/errors.js'
import { DeviceId } from '../protocol/identifiers.js'
import { Problem } from '../protocol/problem.js'
import { open } from './core.js'
import type { ClientSocket, Environment, SocketEvents, SocketRequest } from './environment.js'
import type { Inbox } from './inbox.js'
import type { ConnectOptions } from './options.js'
import { system } from './system.js'

export * from './public.js'
export { fileStorage } from './file-storage.js'

/**
 * `device` and `storage` are needed in Node. The types can't ask for them: TypeScript checks pages against this entry too, unless it
 * is told of the condition `browser`, and pages may leave both out, and say `share`.
 */
export type NodeConnectOptions = Omit<ConnectOptions, 'device' | 'storage'> & {
  [Name in 'device' | 'storage']?: ConnectOptions[Name] | undefined
} & {
  /** For pages, where it is what `BrowserConnectOptions` says; in Node nothing is shared, and it changes nothing. */
  share?: boolean | undefined
}

/**
 * Opens a user's inbox on this device. It connects, and stays connected, until `close()`; handlers belong on it at once.
 * @throws TypeError where an option is none
 */
export function connect({ device, storage, ...options }: NodeConnectOptions): Inbox {
  if (device === undefined || !DeviceId.safeParse(device).success) {
    throw new TypeError('`device` is needed, 1–128 of A-Z a-z 0-9 . _ : -')
  }
  if (!storage) throw new TypeError('`storage` is needed: `fileStorage(path)`, say')
  return open({ ...options, storage, device: () => device }, environment)
}

const environment: Environment = {
  ...system,
  openSocket,
  // Node tells neither; a machine that slept is found out by its timers.
  onWake: () => () => undefined,
}

/** Most bytes of a refusal that are read. */
const MAX_REFUSAL_BYTES = 65_536
/** Larger than any frame that the service sends: arrays have 256 KiB, or one notification. */
const MAX_FRAME_BYTES = 1_048_576

function openSocket(
  { url, subprotocol, token }: SocketRequest,
  events: SocketEvents,
): ClientSocket {
  const socket = new WebSocket(url, subprotocol, {
    headers: { authorization: `Bearer ${token}` },
    maxPayload: MAX_FRAME_BYTES,
    followRedirects: false,
  })
  socket.on('message', (data, isBinary) => {
    if (!isBinary && Buffer.isBuffer(data)) events.received(data.toString('utf8'))
  })
  // Why there is no connection, where the close can't say it.
  let failure: { code: number; reason: string } | undefined
  socket.on('unexpected-response', (_request, response) => {
    void readRefusal(response).then((refusal) => {
      failure = refusal
      socket.terminate()
    })
  })
  // The first one counts: `terminate` is told as another.
  socket.on('error', (error) => (failure ??= { code: 1006, reason: wordsOf(error) }))
  socket.once('close', (code, reason) => {
    if (code === 1006 && failure) events.closed(failure.code, failure.reason)
    else events.closed(code, reason.toString())
  })
  return {
    send: (text) => socket.send(text),
    close: (code, reason) => socket.close(code, reason),
    abandon: () => socket.terminate(),
  }
}

const Refusal = z.pick(Problem, { code: true })

/** A handshake that was refused by HTTP, as the close that stands for it. What is not the service's own word is no last word. */
async function readRefusal(response: IncomingMessage): Promise<{ code: number; reason: string }> {
  const notOurs = { code: 1006, reason: `HTTP ${response.statusCode}` }
  try {
    let text = ''
    response.setEncoding('utf8')
    for await (const chunk of response) {
      text += String(chunk)
      if (text.length > MAX_REFUSAL_BYTES) return notOurs
    }
    const { code } = Refusal.parse(JSON.parse(text))
    const row = Object.entries(ERRORS).find(([name]) => name === code)?.[1]
    return row?.close == null ? notOurs : { code: row.close, reason: code }
  } catch {
    return notOurs
  }
}

/** Where several addresses of one name were tried, the error has no message of its own. */
function wordsOf(error: Error & { code?: string }): string {
  return error.message === '' ? (error.code ?? error.name) : error.message
}
