import type { Duplex } from 'node:stream'
import type { PosthornError } from '../protocol/errors.js'
import { problemMessage } from '../protocol/problem.js'

/** Answers a handshake with an HTTP error in place of a WebSocket, and ends the connection. */
export function endWithProblem(socket: Duplex, error: PosthornError, requestId: string): void {
  socket.once('finish', () => socket.destroy())
  socket.end(problemMessage(error, requestId))
}
