import { connect, type Socket } from 'node:net'

/** An HTTP answer as it came over the wire. */
export interface RawAnswer {
  status: number
  headers: ReadonlyMap<string, string>
  body: string
}

/** A plain TCP connection to a service; what comes is kept as text. */
export function dial(url: string): { socket: Socket; ended: Promise<string>; text: () => string } {
  const { port } = new URL(url)
  const socket = connect(Number(port), '127.0.0.1')
  let text = ''
  socket.setEncoding('utf8').on('data', (part: string) => (text += part))
  // A peer that answers and hangs up while more is being written: what came before still counts.
  socket.on('error', () => undefined)
  const ended = new Promise<string>((resolve) => socket.once('close', () => resolve(text)))
  return { socket, ended, text: () => text }
}

/** Writes a request as it is given, to a service that hangs up when it has answered. */
export async function exchange(url: string, request: string | Uint8Array): Promise<RawAnswer> {
  const { socket, ended } = dial(url)
  socket.write(request)
  return parseAnswer(await ended)
}

/** The lines of a request that ends its connection. */
export function requestText(
  line: string,
  headers: Record<string, string> = {},
  body: string = '',
): string {
  const lines = Object.entries({ connection: 'close', ...headers }).map(
    ([name, value]) => `${name}: ${value}`,
  )
  return [`${line} HTTP/1.1`, ...lines, '', body].join('\r\n')
}

/** The lines of a request to become a WebSocket of a device, with more header lines. */
export function upgradeText(device: string, headerLines: readonly string[]): string {
  const lines = [
    `GET /v1/socket?device=${device} HTTP/1.1`,
    'Host: localhost',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ...headerLines,
  ]
  return `${lines.join('\r\n')}\r\n\r\n`
}

export function parseAnswer(text: string): RawAnswer {
  const [head = '', ...rest] = text.split('\r\n\r\n')
  const [statusLine = '', ...lines] = head.split('\r\n')
  const headers = new Map(
    lines.map((line): [string, string] => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
    }),
  )
  return { status: Number(statusLine.split(' ')[1]), headers, body: rest.join('\r\n\r\n') }
}
