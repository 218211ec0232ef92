import { connect } from 'node:net'
import { checkAnswer, readAnswer } from './http-answers.js'
import { upgradeRequest } from './handshake-inputs.js'
import type { People } from './people.js'
import { SocketReading } from './socket-reading.js'
import { closeFrame, holdsCode, textFrame } from './web-socket-wire.js'
import { PING_TEXT, type WireInput } from './wire-inputs.js'

/** A service that owes an answer and is silent for so long has hung. */
const HUNG_MS = 20_000 // 20 seconds
/** Bytes at the port may ask for more, which the service waits for: after this it is told that there is none. */
const PATIENCE_MS = 200

/** What to do next on a connection: write, and perhaps say that this was all. */
interface Next {
  write?: Buffer
  end?: boolean
}

interface Talk {
  begin: Buffer
  /** What comes, as it comes; an error ends the connection. */
  data: (chunk: Buffer) => Next
  /** Whether silence means that the service waits for us. */
  mayWait?: boolean
}

/** Writes and reads on a TCP connection of its own until it is over; rejects where `data` throws. */
function talk(url: string, { begin, data, mayWait = false }: Talk): Promise<void> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    let failure: Error | undefined
    const socket = connect(Number(port), hostname)
    const fail = (thrown: unknown): void => {
      failure ??= thrown instanceof Error ? thrown : new Error(String(thrown))
      socket.destroy()
    }
    socket.on('error', (error) => {
      // Cut while more was being written: what came before still counts.
      if (socket.bytesWritten === 0) fail(error)
    })
    socket.on('connect', () => {
      socket.write(begin)
      socket.setTimeout(mayWait ? PATIENCE_MS : HUNG_MS, () => {
        if (mayWait) socket.end()
        else fail(new Error(`the service said nothing for ${HUNG_MS} ms`))
      })
    })
    socket.on('data', (chunk: Buffer) => {
      try {
        const { write, end = false } = data(chunk)
        if (write && socket.writable) socket.write(write)
        if (end) socket.end()
      } catch (error) {
        fail(error)
      }
    })
    socket.on('close', () => (failure ? reject(failure) : resolve()))
  })
}

/** Bytes at the port: whatever is answered is an answer of the contract, and no fault of the service's. */
export async function throwBytes(url: string, bytes: Buffer): Promise<string[]> {
  const outcomes: string[] = []
  let text = ''
  let upgraded = false
  await talk(url, {
    mayWait: true,
    // Whatever the bytes leave open, a sound request follows, with which the connection ends.
    begin: Buffer.concat([
      bytes,
      Buffer.from('\r\n\r\nGET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'),
    ]),
    data(chunk) {
      text += chunk.toString('latin1')
      while (!upgraded) {
        const found = readAnswer(text, '')
        if (!found) return {}
        text = text.slice(found.end)
        upgraded = found.answer.status === 101
        outcomes.push(upgraded ? '101' : checkAnswer(found.answer, { method: '', path: '' }))
      }
      return { end: true }
    },
  })
  return outcomes.length === 0 ? ['closed'] : outcomes
}

const LAST = 'the last one'

/** A handshake, and where it is taken a command, so that whatever it leads to comes to its end. */
export async function shakeHands(url: string, head: string): Promise<string[]> {
  const last = JSON.stringify({ type: 'ping', id: LAST })
  const reading = new SocketReading({ method: head.slice(0, head.indexOf(' ')), sent: [last] })
  await talk(url, {
    begin: Buffer.from(head),
    data(chunk) {
      const events = reading.read(chunk)
      if (events.some(({ kind }) => kind === 'refused')) return { end: true }
      // Each ends the conversation; the service then ends the connection.
      if (events.some(({ kind, id }) => kind === 'closed' || id === LAST)) {
        return { write: closeFrame(1000) }
      }
      return events.some(({ kind }) => kind === 'upgraded') ? { write: textFrame(last) } : {}
    },
  })
  return reading.outcomes
}

/** Frames made by hand, after a sound handshake or together with it. */
export async function throwFrames(
  url: string,
  people: People,
  input: WireInput,
): Promise<string[]> {
  const bytes = Buffer.concat(input.frames)
  const reading = new SocketReading({
    method: 'GET',
    sent: [PING_TEXT],
    own: (code) => holdsCode(bytes, code),
  })
  const request = Buffer.from(upgradeRequest(people, input))
  let thrown = input.phase === 'opening'
  await talk(url, {
    begin: thrown ? Buffer.concat([request, bytes]) : request,
    data(chunk) {
      let next: Next = {}
      for (const event of reading.read(chunk)) {
        if (event.kind === 'refused') throw new Error('a sound handshake was refused')
        if (event.kind === 'closed') return { end: true }
        if (event.kind === 'upgraded' && thrown) next = { end: true }
        const ready = input.phase === 'open' ? event.name === 'welcome' : event.kind === 'upgraded'
        if (!thrown && ready) {
          thrown = true
          next = { write: bytes, end: true }
        }
      }
      return next
    },
  })
  if (!thrown) throw new Error('the connection was not opened')
  return reading.outcomes
}
