import { request, type IncomingMessage } from 'node:http'
import { Problem } from '../../src/protocol/problem.js'

export interface RefusedHandshake {
  status: number
  headers: IncomingMessage['headers']
  problem: Problem
}

/** The HTTP answer to a handshake that is refused; fails where it is taken. */
export function refusedHandshake(
  url: string,
  path: string,
  headers: Record<string, string> = {},
): Promise<RefusedHandshake> {
  return new Promise((resolve, reject) => {
    const asked = request(new URL(path, url), {
      headers: {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
        ...headers,
      },
    })
    asked.on('upgrade', (_response, socket) => {
      socket.destroy()
      reject(new Error('the handshake was taken'))
    })
    asked.on('error', reject)
    asked.on('response', (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (part: string) => (text += part))
      response.on('end', () => {
        const problem = Problem.parse(JSON.parse(text))
        resolve({ status: response.statusCode ?? 0, headers: response.headers, problem })
      })
    })
    asked.end()
  })
}
