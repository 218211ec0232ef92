import { WebSocket } from 'ws'
import { Down } from '../../src/protocol/down/index.js'
import { SUBPROTOCOL } from '../../src/protocol/version.js'
import type { Connection } from './history.js'

/** Without a sign of life for so long a device asks for one, and after as long again it connects anew, in milliseconds. */
const SILENCE_MS = 1_500

/** Milliseconds between two looks at that. */
const LOOK_MS = 250

/** How long a device that was cut off waits before it comes again, in milliseconds. */
const COMES_AGAIN_MS = { least: 20, most: 300 }

/** After these a client stays away: here each of them is wrong. */
const FINAL = new Set([1003, 1009, 4400, 4403, 4409, 4410])

export interface DeviceOptions {
  url: string
  user: string
  device: string
  token: string
  random: () => number
  /** Called when something has come. */
  moved: () => void
}

/** A device as an application keeps it: it acknowledges all that comes, and comes again by itself, with its cursor and its epoch. */
export class Device {
  readonly user: string
  readonly name: string
  readonly connections: Connection[] = []
  /** The highest `seq` that it has. */
  cursor = 0
  readonly #options: DeviceOptions
  readonly #looking: NodeJS.Timeout
  #epoch: string | undefined
  #socket: WebSocket | undefined
  #coming: NodeJS.Timeout | undefined
  #heardAt = 0
  #hasAsked = false
  #isClosed = false

  constructor(options: DeviceOptions) {
    this.#options = options
    this.user = options.user
    this.name = options.device
    this.#looking = setInterval(() => this.#look(), LOOK_MS)
    this.#connect()
  }

  close(): void {
    this.#isClosed = true
    clearInterval(this.#looking)
    clearTimeout(this.#coming)
    this.#socket?.terminate()
  }

  #connect(): void {
    const { url, user, device, token } = this.#options
    const epoch = this.#epoch
    const cursor = epoch === undefined ? undefined : this.cursor
    const address = new URL('/v1/socket', url.replace(/^http/, 'ws'))
    address.searchParams.set('device', device)
    address.searchParams.set('batch', String(device.length % 2 === 0))
    if (epoch !== undefined) {
      address.searchParams.set('epoch', epoch)
      address.searchParams.set('cursor', String(cursor))
    }
    const connection: Connection = { user, device, cursor, epoch, heard: [], strange: [] }
    this.connections.push(connection)
    const socket = new WebSocket(address, [SUBPROTOCOL], {
      headers: { authorization: `Bearer ${token}` },
    })
    this.#socket = socket
    this.#alive()
    socket.on('ping', () => this.#alive())
    socket.on('pong', () => this.#alive())
    socket.on('error', () => socket.terminate())
    socket.on('unexpected-response', (_request, response) => {
      const status = response.statusCode ?? 0
      if (status < 500 && status !== 429) connection.strange.push(`was refused with ${status}`)
      socket.terminate()
    })
    socket.on('message', (data: Buffer) => {
      this.#alive()
      const json: unknown = JSON.parse(data.toString())
      for (const frame of Array.isArray(json) ? json : [json]) {
        this.#take(connection, Down.parse(frame))
      }
      if (socket.readyState === WebSocket.OPEN && this.cursor > 0) {
        socket.send(JSON.stringify({ type: 'ack', payload: { seq: this.cursor } }))
      }
      this.#options.moved()
    })
    socket.on('close', (code) => {
      if (this.#isClosed) return
      if (FINAL.has(code)) connection.strange.push(`was sent away with ${code}`)
      const { least, most } = COMES_AGAIN_MS
      const pause = least + (most - least) * this.#options.random()
      this.#coming = setTimeout(() => this.#connect(), pause)
    })
  }

  #take(connection: Connection, message: Down): void {
    switch (message.type) {
      case 'welcome':
        connection.epoch = message.payload.epoch
        this.#epoch = message.payload.epoch
        return
      case 'notification': {
        const { seq, notification } = message.payload
        const isRead = notification.readAt !== null
        connection.heard.push({ type: 'notification', seq, id: notification.id, isRead })
        return this.#moveTo(seq)
      }
      case 'updated': {
        const { seq, id, readAt } = message.payload
        connection.heard.push({ type: 'updated', seq, id, isRead: readAt !== null })
        return this.#moveTo(seq)
      }
      case 'removed': {
        const { seq, id } = message.payload
        connection.heard.push({ type: 'removed', seq, id, isRead: false })
        return this.#moveTo(seq)
      }
      case 'gap': {
        const { from, to, reason } = message.payload
        connection.strange.push(`a gap from ${from} to ${to}: ${reason}`)
        return
      }
      case 'error':
        if (!message.payload.retryable) connection.strange.push(`an error: ${message.payload.code}`)
        return
      default:
    }
  }

  #moveTo(seq: number): void {
    this.cursor = Math.max(this.cursor, seq)
  }

  #alive(): void {
    this.#heardAt = performance.now()
    this.#hasAsked = false
  }

  #look(): void {
    const silence = performance.now() - this.#heardAt
    if (silence > 2 * SILENCE_MS) this.#socket?.terminate()
    else if (
      silence > SILENCE_MS &&
      !this.#hasAsked &&
      this.#socket?.readyState === WebSocket.OPEN
    ) {
      this.#hasAsked = true
      this.#socket.ping()
    }
  }
}
