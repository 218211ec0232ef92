import { WebSocket } from 'ws'
import { SUBPROTOCOL } from '../../src/protocol/version.js'
import { Hearing } from './hearing.js'
import { listenerOf, type People } from './people.js'
import type { SocketInput } from './socket-inputs.js'

/** The id of the command that comes last: its answer says that the frames before it were read. */
const LAST = 'the last one'

/**
 * Connects as an input says, by a plain `ws` client, and sends its frames; resolves with what came when it is over.
 * @throws Error where something came that the contract doesn't know
 */
export async function converse(url: string, people: People, input: SocketInput): Promise<string[]> {
  const lastText = JSON.stringify({ type: 'ping', id: LAST })
  const texts = input.frames.map((frame) =>
    frame.kind === 'text' ? frame.text : frame.bytes.toString(),
  )
  const hearing = new Hearing([...texts, lastText])
  const socket = open(url, people, input)
  let failure: unknown
  const begin = (): void => {
    for (const frame of input.frames) {
      if (frame.kind === 'text') socket.send(frame.text)
      else socket.send(frame.bytes, { binary: frame.kind === 'binary' })
    }
    socket.send(lastText)
  }
  await new Promise<void>((resolve, reject) => {
    // Refused, or broken off: `close` follows.
    socket.on('error', (error) => (failure ??= error))
    socket.on('open', () => {
      if (input.phase !== 'open') begin()
    })
    socket.on('message', (data: Buffer) => {
      try {
        for (const message of hearing.hear(data.toString())) {
          if (message.type === 'caught_up' && input.phase === 'open') begin()
          if ('id' in message && message.id === LAST) socket.close(1000)
        }
      } catch (error) {
        failure ??= error
        socket.close(1000)
      }
    })
    socket.on('close', (code) => {
      if (failure instanceof Error) return reject(failure)
      try {
        hearing.closed(code)
        resolve()
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)))
      }
    })
  })
  return hearing.outcomes
}

function open(url: string, people: People, input: SocketInput): WebSocket {
  const { device, batch, start, phase } = input
  const address = new URL('/v1/socket', url.replace(/^http/, 'ws'))
  address.searchParams.set('device', device)
  if (batch) address.searchParams.set('batch', 'true')
  if (start === 'latest') address.searchParams.set('cursor', 'latest')
  if (start === 'stray') {
    address.searchParams.set('cursor', '7')
    address.searchParams.set('epoch', 'another')
  }
  const { token } = listenerOf(people, input.listener)
  const headers = phase === 'authenticating' ? {} : { authorization: `Bearer ${token}` }
  return new WebSocket(address, [SUBPROTOCOL], { headers, perMessageDeflate: false })
}
