import * as fc from 'fast-check'
import { upgradeRequest } from './handshake-inputs.js'
import { damaged } from './json-text.js'
import type { People } from './people.js'

const FIRST_LINES = [
  'GET / HTTP/1.1',
  'POST /v1/notifications HTTP/1.1',
  'GET / HTTP/1.0',
  'GET / HTTP/2.0',
  'PRI * HTTP/2.0',
  'CONNECT a:1 HTTP/1.1',
  'GET /',
  'GET / HTTP/1.1 x',
]

/** Names and values that stand beside each other in what attackers send (RFC 9112 §5, §6.3, §11.2). */
const LINES = [
  ...['a', 'b'].map((host) => `Host: ${host}`),
  ...['3', '4', '-1', '1e9', '9'.repeat(20), '3, 3'].map((length) => `Content-Length: ${length}`),
  ...['chunked', 'identity', 'gzip', 'chunked, chunked', 'xchunked'].map(
    (coding) => `Transfer-Encoding: ${coding}`,
  ),
  ...['close', 'upgrade'].map((option) => `Connection: ${option}`),
  'Trailer: x',
  'Upgrade: h2c',
  'Expect: 100-continue',
  ' folded: x',
  'no colon',
  'Name : value',
  ': no name',
  'Nul: \u0000',
  `Long: ${'x'.repeat(17_000)}`,
]

const BODIES = [
  'abc',
  '3\r\nabc\r\n0\r\n\r\n',
  'ffffffffffffffffff\r\n',
  '-1\r\n',
  '0\r\nX: y\r\n\r\n',
  '3;x="\r\nabc',
]

/** Heads whose every line means something to HTTP, most of them wrong together. */
const oddHeads = fc
  .tuple(
    fc.constantFrom(...FIRST_LINES),
    fc.subarray(LINES, { maxLength: 4 }),
    fc.constantFrom(...BODIES),
    fc.constantFrom('\r\n', '\n', '\r'),
  )
  .map(([first, lines, body, end]) => Buffer.from([first, ...lines, '', body].join(end)))

function soundRequest({ service }: People): string {
  const body = '{"to":{"user":"mailbox-0"},"type":"test"}'
  return [
    'POST /v1/notifications HTTP/1.1',
    'Host: localhost',
    `Authorization: Bearer ${service}`,
    `Content-Length: ${body.length}`,
    '',
    body,
  ].join('\r\n')
}

/** Bytes for the port itself: any, those of sound requests but for one place, and heads that contradict themselves. */
export function portBytes(people: People): fc.Arbitrary<Buffer> {
  const upgrade = upgradeRequest(people, { listener: 0, phase: 'open' })
  const garbage = fc.uint8Array({ minLength: 1, maxLength: 200 })
  return fc.oneof(
    { weight: 3, arbitrary: garbage.map((bytes) => Buffer.from(bytes)) },
    { weight: 4, arbitrary: damaged(fc.constant(soundRequest(people))) },
    { weight: 3, arbitrary: damaged(fc.constant(upgrade)) },
    { weight: 3, arbitrary: oddHeads },
  )
}
