import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { SUBPROTOCOL } from '../../../src/protocol/version.js'
import { CLOSE, clientFrame, FrameReader, PING, PONG, TEXT } from './frames.js'

/** How every notification's frame begins, up to its `seq`. */
const BEFORE_SEQ = '{"type":"notification","payload":{"seq":'

/** How other frames begin, of which a device takes notice. */
const CAUGHT_UP = '{"type":"caught_up"'
const WELCOME = '{"type":"welcome"'
const PONG_MESSAGE = '{"type":"pong"'

/** What a device tells whoever runs it. */
export interface DeviceListener {
  /** A notification came for a user. */
  received: (user: string) => void
  caughtUp: () => void
  /** A pong came: so has everything that the server sent before it. */
  ponged: () => void
  failed: (error: Error) => void
}

interface Opening {
  user: string
  token: string
  name?: string | undefined
  query?: string | undefined
}

/**
 * One device: it keeps what it receives, to be read when time is no longer taken, and acknowledges the last of what
 * came together. It speaks over a plain connection, since a real client would take more of the machine than the server.
 */
export class Device {
  readonly user: string
  readonly #socket: Socket
  readonly #frames = new FrameReader()
  readonly #listener: DeviceListener
  /** Notifications' frames, in the order in which they came. */
  #received: Buffer[] = []
  #unacknowledged: string | undefined
  #closing = false

  private constructor(user: string, socket: Socket, listener: DeviceListener) {
    this.user = user
    this.#socket = socket
    this.#listener = listener
  }

  /** Opens the socket of a user's device; `query` is what the handshake says beside its name. */
  static async open(
    url: string,
    { user, token, name = 'bench', query = '' }: Opening,
    listener: DeviceListener,
  ): Promise<Device> {
    const { hostname, port, host } = new URL(url)
    const socket = connect(Number(port), hostname)
    socket.setNoDelay(true)
    await once(socket, 'connect')
    socket.write(
      [
        `GET /v1/socket?device=${name}${query} HTTP/1.1`,
        `Host: ${host}`,
        'Connection: Upgrade',
        'Upgrade: websocket',
        'Sec-WebSocket-Version: 13',
        `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
        `Sec-WebSocket-Protocol: ${SUBPROTOCOL}`,
        `Authorization: Bearer ${token}`,
        '\r\n',
      ].join('\r\n'),
    )
    const device = new Device(user, socket, listener)
    device.#afterHandshake(await readHandshake(socket))
    return device
  }

  ping(): void {
    this.#socket.write(clientFrame(TEXT, '{"type":"ping"}'))
  }

  /** Ends as where the network breaks: no port of this machine is kept for a minute. */
  close(): void {
    this.#closing = true
    this.#socket.resetAndDestroy()
  }

  /** What came since the last call: frames, and arrays of them. */
  takeReceived(): Buffer[] {
    const received = this.#received
    this.#received = []
    return received
  }

  #afterHandshake(rest: Buffer): void {
    const { failed } = this.#listener
    this.#socket.on('error', failed)
    this.#socket.on('close', () => {
      if (!this.#closing) failed(new Error(`the socket of ${this.user} was closed`))
    })
    this.#socket.on('data', (chunk: Buffer) => this.#read(chunk))
    this.#read(rest)
  }

  #read(chunk: Buffer): void {
    this.#frames.read(chunk, (opcode, payload) => {
      if (opcode === TEXT) this.#take(payload)
      else if (opcode === PING) this.#socket.write(clientFrame(PONG, payload))
      else if (opcode === CLOSE) this.#listener.failed(closedBy(payload))
    })
    if (this.#unacknowledged === undefined) return
    const seq = this.#unacknowledged
    this.#unacknowledged = undefined
    this.#socket.write(clientFrame(TEXT, `{"type":"ack","payload":{"seq":${seq}}}`))
  }

  #take(payload: Buffer): void {
    const start = payload.toString('latin1', 0, BEFORE_SEQ.length + 16)
    if (start.startsWith('[')) {
      this.#takeArray(payload)
    } else if (start.startsWith(BEFORE_SEQ)) {
      this.#received.push(payload)
      this.#unacknowledged = start.slice(BEFORE_SEQ.length, start.indexOf(',', BEFORE_SEQ.length))
      this.#listener.received(this.user)
    } else if (start.startsWith(CAUGHT_UP)) {
      this.#listener.caughtUp()
    } else if (start.startsWith(PONG_MESSAGE)) {
      this.#listener.ponged()
    } else if (!start.startsWith(WELCOME)) {
      this.#listener.failed(new Error(`${this.user} was sent ${payload.toString()}`))
    }
  }

  /** Notifications in an array: counted where they stand, and read later. */
  #takeArray(payload: Buffer): void {
    const text = payload.toString('latin1')
    this.#received.push(payload)
    for (let at = text.indexOf(BEFORE_SEQ); at !== -1; at = text.indexOf(BEFORE_SEQ, at + 1)) {
      const from = at + BEFORE_SEQ.length
      this.#unacknowledged = text.slice(from, text.indexOf(',', from))
      this.#listener.received(this.user)
    }
  }
}

/** Reads the answer to a handshake; returns what came after it. */
async function readHandshake(socket: Socket): Promise<Buffer> {
  let bytes = Buffer.alloc(0)
  while (!bytes.includes('\r\n\r\n')) {
    const arrived: unknown[] = await once(socket, 'data')
    bytes = Buffer.concat([bytes, ...arrived.filter((chunk) => Buffer.isBuffer(chunk))])
  }
  const end = bytes.indexOf('\r\n\r\n')
  if (!bytes.toString('latin1').startsWith('HTTP/1.1 101 ')) {
    throw new Error(`a handshake was refused: ${bytes.toString()}`)
  }
  return bytes.subarray(end + 4)
}

function closedBy(payload: Buffer): Error {
  const code = payload.length < 2 ? 'no code' : payload.readUInt16BE(0)
  return new Error(`the server closed a socket: ${code} ${payload.subarray(2).toString()}`)
}
