export const SOCKET_PATH = '/v1/socket'

/** The query of a request target (RFC 9112 §3.2) that means the socket; undefined where it means anything else. */
export function queryOfSocket(target: string): URLSearchParams | undefined {
  const mark = target.indexOf('?')
  const path = mark === -1 ? target : target.slice(0, mark)
  // Nearly every client writes the path so; to parse it as a URL took 5 µs of each connection in `storm`.
  if (path === SOCKET_PATH && !target.includes('#')) {
    return new URLSearchParams(mark === -1 ? '' : target.slice(mark))
  }
  const url = URL.parse(target, 'http://localhost')
  return url?.pathname === SOCKET_PATH ? url.searchParams : undefined
}
