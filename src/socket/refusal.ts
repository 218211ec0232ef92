import type { Duplex } from 'node:stream'
import { STATUS_CODES } from 'node:http'
import { ERRORS, type PosthornError } from '../protocol/errors.js'
import { challenge, PROBLEM_CONTENT_TYPE, toProblem } from '../protocol/problem.js'

/** Answers a handshake with an HTTP error in place of a WebSocket, and ends the connection. */
export function refuseHandshake(socket: Duplex, error: PosthornError, requestId: string): void {
  const { status } = ERRORS[error.code]
  const asked = challenge(error)
  const body = JSON.stringify(toProblem(error, requestId))
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    `content-type: ${PROBLEM_CONTENT_TYPE}`,
    `content-length: ${Buffer.byteLength(body)}`,
    `x-request-id: ${requestId}`,
    ...(asked === undefined ? [] : [`www-authenticate: ${asked}`]),
    ...(status === 503 ? ['retry-after: 1'] : []),
    'connection: close',
  ]
  socket.once('finish', () => socket.destroy())
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
}
