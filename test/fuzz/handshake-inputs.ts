import * as fc from 'fast-check'
import { listenerOf, tokens, type People } from './people.js'
import type { WireInput } from './wire-inputs.js'

const line = (text: string): string => text.replaceAll(/[\r\n]/g, '')

/** A request to become a WebSocket, its every part right or random. */
export function handshakes(people: People): fc.Arbitrary<string> {
  const token = tokens(people).map(line)
  const text = fc.oneof(fc.string({ maxLength: 20 }), fc.string({ unit: 'binary', maxLength: 10 }))
  const protocolList = fc
    .array(
      fc.oneof(
        { weight: 4, arbitrary: fc.constant('posthorn.v1') },
        { weight: 2, arbitrary: token.map((text) => `bearer.${text}`) },
        { weight: 1, arbitrary: fc.constantFrom('posthorn.v2', 'bearer.', '', 'graphql-ws') },
        { weight: 1, arbitrary: text },
      ),
      { maxLength: 3 },
    )
    .map((names) => names.join(', '))
  const query = fc
    .array(
      fc.tuple(
        fc.constantFrom('device', 'device', 'cursor', 'epoch', 'batch', 'access_token', 'other'),
        fc.oneof(
          fc.constantFrom('phone', 'latest', '0', '7', '-1', '1e9', 'true', '', '%', '%00', '%ff'),
          fc.oneof(text, token).map((text) => encodeURIComponent(text.toWellFormed())),
          text,
        ),
      ),
      { maxLength: 4 },
    )
    .map((pairs) => pairs.map(([name, value]) => `${name}=${value}`).join('&'))
  const header = (name: string, values: fc.Arbitrary<string>, freq: number) =>
    fc.option(
      values.map((value) => `${name}: ${line(value)}`),
      { freq },
    )
  const mostly = (right: string, ...wrong: string[]) =>
    fc.oneof({ weight: 20, arbitrary: fc.constant(right) }, fc.constantFrom(...wrong), text)
  return fc
    .tuple(
      mostly('/v1/socket', '/v1/socket/', '/', '//', '*', 'http://[', '/v1/sock%65t'),
      query,
      fc.constantFrom(...Array.from({ length: 30 }, () => 'GET'), 'POST', 'HEAD', 'OPTIONS'),
      fc.tuple(
        header('Host', mostly('localhost', '', 'a b', '['), 20),
        header('Upgrade', mostly('websocket', 'WebSocket', 'websocket, h2c'), 30),
        header('Connection', mostly('Upgrade', 'upgrade, keep-alive', 'close, upgrade'), 30),
        header('Sec-WebSocket-Version', mostly('13', '8', '14', '13, 8'), 30),
        header('Sec-WebSocket-Key', mostly('dGhlIHNhbXBsZSBub25jZQ==', 'short', ''), 30),
        header('Sec-WebSocket-Protocol', protocolList, 2),
        header('Sec-WebSocket-Extensions', mostly('permessage-deflate', ';', 'a;b="'), 1),
        header(
          'Authorization',
          fc.oneof(
            token.map((text) => `Bearer ${text}`),
            text,
          ),
          1,
        ),
        header('Origin', mostly('http://localhost', 'null', 'https://evil.example', '://'), 1),
        header('X-Request-Id', text, 1),
      ),
    )
    .map(([path, query, method, headers]) =>
      [
        `${method} ${line(query === '' ? path : `${path}?${query}`)} HTTP/1.1`,
        ...headers.filter((given) => given !== null),
        '',
        '',
      ].join('\r\n'),
    )
}

/** A sound request to become a WebSocket. */
export function upgradeRequest(
  people: People,
  { listener, phase }: Pick<WireInput, 'listener' | 'phase'>,
): string {
  const { token } = listenerOf(people, listener)
  return [
    'GET /v1/socket?device=wire HTTP/1.1',
    'Host: localhost',
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ...(phase === 'authenticating' ? [] : [`Authorization: Bearer ${token}`]),
    '',
    '',
  ].join('\r\n')
}
