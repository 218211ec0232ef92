import { createConnection } from 'node:net'
import { expect, test } from 'vitest'
import { serviceToken, startService } from '../harness.js'

/** Writes parts to a fresh connection, one after the other, and resolves with all that comes until it is closed. */
function converse(url: string, parts: readonly string[]): Promise<string> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const socket = createConnection(Number(port), hostname)
    let heard = ''
    socket.setEncoding('utf8').on('data', (text: string) => (heard += text))
    socket.on('error', reject)
    socket.on('close', () => resolve(heard))
    const write = ([part, ...rest]: readonly string[]): void => {
      if (part !== undefined) socket.write(part, () => setImmediate(() => write(rest)))
    }
    write(parts)
  })
}

test.each([
  ['in one piece', (head: string, body: string) => [head + body]],
  [
    'the body later, in two pieces',
    (head: string, body: string) => [head, body.slice(0, 9), body.slice(9)],
  ],
])('serves a POST that asks for HTTP/2 beside, %s', async (_name, cut) => {
  await using service = await startService()
  const body = JSON.stringify({ to: { user: 'alice' }, type: 'test', title: 'ümlaut' })
  const request = (extra: string): string =>
    `POST /v1/notifications HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\n` +
    `Content-Length: ${Buffer.byteLength(body)}\r\n${extra}\r\n`
  const token = await serviceToken()
  const upgrade =
    'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAA\r\n'
  // The second request on the same connection shows that it lives on as any other.
  const answers = await converse(service.url, [
    ...cut(request(upgrade), body),
    request('Connection: close\r\n') + body,
  ])
  expect(answers.match(/HTTP\/1\.1 201 Created/g)).toHaveLength(2)
  await using client = await service.api.connect('alice')
  await client.received(2)
  expect(client.titles).toEqual(['ümlaut', 'ümlaut'])
})

const asking = (extra: string): string => `GET /healthz HTTP/1.1\r\nHost: localhost\r\n${extra}\r\n`

test('asks on one connection for HTTP/2 each time, and it costs nothing that stays', async () => {
  await using service = await startService()
  const warnings: Error[] = []
  const note = (warning: Error): void => void warnings.push(warning)
  process.on('warning', note)
  const upgrade = asking('Connection: Upgrade\r\nUpgrade: h2c\r\n')
  const answers = await converse(service.url, [
    ...Array.from({ length: 50 }, () => upgrade),
    asking('Connection: close\r\n'),
  ])
  process.off('warning', note)
  expect(answers.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(51)
  // Node warns where an emitter has gathered more than ten listeners of one kind.
  expect(warnings).toEqual([])
})

test('refuses a request to become something else on the path of sockets', async () => {
  await using service = await startService()
  const answer = await converse(service.url, [
    'GET /v1/socket HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: mqtt\r\n\r\n' +
      'GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
  ])
  expect(answer).toContain('HTTP/1.1 426')
  expect(answer).toContain('"upgrade_required"')
})
