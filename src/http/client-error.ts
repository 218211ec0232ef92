import type { Duplex } from 'node:stream'
import { PosthornError } from '../protocol/errors.js'
import { problemMessage } from '../protocol/problem.js'
import { requestIdOf } from '../telemetry/request-id.js'

/** Answers what Node's parser refuses before there is a request: bad framing, endless headers, a head that never comes. */
export function answerClientError(error: Error & { code?: string }, socket: Duplex): void {
  // A peer that has gone hears nothing, nor one with which no TLS was agreed upon: what is written then waits for a handshake
  // that doesn't come. Of a request only Node's parser, and its clock, complain.
  const isOfRequest = /^(?:HPE_|ERR_HTTP_)/.test(error.code ?? '')
  if (!socket.writable || !isOfRequest) {
    socket.destroy()
    return
  }
  socket.once('finish', () => socket.destroy())
  socket.end(problemMessage(toProblemError(error.code), requestIdOf(undefined)))
}

/** Node's own codes: https://nodejs.org/api/http.html#event-clienterror. */
function toProblemError(code: string | undefined): PosthornError {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return new PosthornError('headers_too_large', 'The headers of a request are at most 16 KiB.')
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new PosthornError('request_timeout', 'The request did not come in time.')
    default:
      return new PosthornError('malformed_request', 'The request is not HTTP/1.1.')
  }
}
