import { WebSocket } from 'ws'
import { Down } from '../../../src/protocol/down/index.js'
import type { MarkPayload } from '../../../src/protocol/mark.js'
import { SUBPROTOCOL } from '../../../src/protocol/version.js'
import type { Context } from './context.js'
import type { Device } from './people.js'
import { Reading, type Message } from './reading.js'

/** How a device reads on one connection. */
export interface Manners {
  token: string
  /** It asks for a fresh token when it is told that its own expires. */
  renews: boolean
  /** It stops reading for so long, in milliseconds. */
  stallMs: number | undefined
  /** It acknowledges so many together, or what has come for so long, in milliseconds. */
  acknowledgesAt: number
  acknowledgesAfterMs: number
}

/** Why a connection may end at any time: the device's own will, or that of a service that stops, is killed, or is short of room. */
const ALWAYS_ALLOWED = new Set([1000, 1001, 1005, 1006, 1012, 1013])

/** Handshakes that are to be tried again: the service stops or is busy, or this crowd was too slow to ask (408). */
const NOT_NOW = new Set([408, 429, 503])

/** One connection of a device, from the handshake to the close, and what must hold on each. */
export class Visit {
  /** Its close code. */
  readonly closed: Promise<number>
  /** How long the service has asked it to stay away, where it has, in milliseconds. */
  reconnectAfterMs: number | undefined
  readonly #context: Context
  readonly #device: Device
  readonly #manners: Manners
  readonly #socket: WebSocket
  readonly #reading: Reading
  #unacknowledged = 0
  #timers = new Set<NodeJS.Timeout>()
  #waitsToAcknowledge = false
  readonly #asked = new Map<string, (message: Message<'reply' | 'error'> | undefined) => void>()
  #commands = 0

  constructor(context: Context, device: Device, manners: Manners) {
    this.#context = context
    this.#device = device
    this.#manners = manners
    this.#reading = new Reading(context, device)
    const address = new URL('/v1/socket', context.url.replace(/^http/, 'ws'))
    address.searchParams.set('device', device.name)
    if (context.chance(0.5)) address.searchParams.set('batch', 'true')
    const socket = new WebSocket(address, [SUBPROTOCOL], {
      headers: { authorization: `Bearer ${manners.token}` },
      perMessageDeflate: false,
      handshakeTimeout: 30_000,
    })
    this.#socket = socket
    this.closed = new Promise((resolve) => {
      socket.on('close', (code) => {
        this.#end(code)
        resolve(code)
      })
    })
    // What a refused or broken connection was about stands in its close, or in the answer.
    socket.on('error', () => undefined)
    socket.on('unexpected-response', (_request, response) => {
      const { statusCode = 0 } = response
      context.oracle.count(`handshakes answered ${statusCode}`)
      if (!NOT_NOW.has(statusCode))
        context.oracle.complain('handshakes succeed', `${device.label}: ${statusCode}`)
      response.destroy()
      socket.terminate()
    })
    socket.on('message', (data: Buffer) => {
      const json: unknown = JSON.parse(data.toString())
      for (const message of Array.isArray(json) ? json : [json]) this.#take(Down.parse(message))
    })
    const { stallMs } = manners
    if (stallMs !== undefined) socket.once('open', () => this.#stall(stallMs))
  }

  get isOpen(): boolean {
    return this.#reading.isWelcome && this.#socket.readyState === WebSocket.OPEN
  }

  get isCaughtUp(): boolean {
    return this.#reading.isCaughtUp
  }

  /** Ends it as its device likes: with a goodbye or without. */
  leave(politely: boolean): void {
    if (politely && this.#socket.readyState === WebSocket.OPEN) this.#socket.close(1000)
    else this.#socket.terminate()
  }

  /** Marks entries; undefined where nothing was answered, since the connection ended. */
  mark(payload: MarkPayload): Promise<Message<'reply' | 'error'> | undefined> {
    return this.#ask('mark', payload)
  }

  acknowledge(): void {
    const { oracle } = this.#context
    const device = this.#device
    const seq = this.#reading.last
    this.#unacknowledged = 0
    if (seq <= device.acknowledged || !this.isOpen) return
    device.acknowledging = Math.max(device.acknowledging, seq)
    void this.#ask('ack', { seq }).then((answer) => {
      if (answer === undefined) return
      const cursor =
        answer.type === 'reply' && 'cursor' in answer.payload ? answer.payload.cursor : -1
      if (cursor < seq || cursor > device.acknowledging) {
        oracle.complain(
          'an acknowledgement is kept',
          `${device.label}, ${seq}: ${JSON.stringify(answer)}`,
        )
      }
      device.acknowledged = Math.max(device.acknowledged, cursor)
      oracle.count('acknowledgements kept')
    })
  }

  #take(message: Down): void {
    const { oracle } = this.#context
    if (!this.#reading.isWelcome && message.type !== 'welcome' && message.type !== 'error') {
      oracle.complain('`welcome` comes first', `${this.#device.label}: ${message.type}`)
      return
    }
    switch (message.type) {
      case 'welcome':
        this.#reading.enter(message.payload)
        break
      case 'notification':
      case 'updated':
      case 'removed':
        this.#reading.take(message)
        this.#acknowledgeInTime()
        break
      case 'caught_up':
        this.#reading.catchUp(message.payload.seq)
        break
      case 'reply':
        this.#answer(message.id, message)
        break
      case 'error':
        if (message.id !== undefined) this.#answer(message.id, message)
        oracle.count(`errors: ${message.payload.code}`)
        break
      case 'token_expiring':
        if (this.#manners.renews) void this.#renew()
        break
      case 'draining':
        this.reconnectAfterMs = message.payload.reconnectAfterMs
        break
      case 'gap':
        // Nobody has as many entries as an inbox may hold, and nobody is erased.
        oracle.complain(
          'there is no gap',
          `${this.#device.label}: ${JSON.stringify(message.payload)}`,
        )
        break
      case 'ephemeral':
        oracle.count('ephemerals')
        break
      case 'counts':
      case 'pong':
        break
    }
  }

  #acknowledgeInTime(): void {
    this.#unacknowledged += 1
    const { acknowledgesAt, acknowledgesAfterMs } = this.#manners
    if (this.#unacknowledged >= acknowledgesAt || this.#context.isSettling) this.acknowledge()
    else if (!this.#waitsToAcknowledge) {
      this.#waitsToAcknowledge = true
      this.#later(acknowledgesAfterMs, () => {
        this.#waitsToAcknowledge = false
        this.acknowledge()
      })
    }
  }

  async #renew(): Promise<void> {
    const token = await this.#context.socketToken(this.#device.person, 300)
    const answer = await this.#ask('authenticate', { token })
    if (answer?.type === 'error') {
      this.#context.oracle.complain(
        'a fresh token is taken',
        `${this.#device.label}: ${answer.payload.code}`,
      )
    } else if (answer) this.#context.oracle.count('tokens renewed')
  }

  #ask(type: string, payload: object): Promise<Message<'reply' | 'error'> | undefined> {
    if (!this.isOpen) return Promise.resolve(undefined)
    const id = String(++this.#commands)
    this.#socket.send(JSON.stringify({ type, id, payload }))
    return new Promise((resolve) => this.#asked.set(id, resolve))
  }

  #answer(id: string, message: Message<'reply' | 'error'>): void {
    this.#asked.get(id)?.(message)
    this.#asked.delete(id)
  }

  #stall(milliseconds: number): void {
    this.#context.oracle.count('readers that stopped for a while')
    this.#socket.pause()
    this.#later(milliseconds, () => this.#socket.resume())
  }

  #later(milliseconds: number, act: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      act()
    }, milliseconds)
    this.#timers.add(timer)
  }

  #end(code: number): void {
    for (const timer of this.#timers) clearTimeout(timer)
    for (const resolve of this.#asked.values()) resolve(undefined)
    const { oracle } = this.#context
    oracle.count(`closes: ${code}`)
    const { renews, stallMs } = this.#manners
    const isAllowed =
      ALWAYS_ALLOWED.has(code) ||
      (code === 4401 && (!renews || stallMs !== undefined)) ||
      (code === 4408 && stallMs !== undefined) ||
      (code === 4410 && this.#device.isRemoved)
    if (!isAllowed)
      oracle.complain('connections end for a reason', `${this.#device.label}: ${code}`)
  }
}
