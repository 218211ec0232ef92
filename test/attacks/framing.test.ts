// One request that two programs read in two ways: RFC 9112 §11.2 (request smuggling) and §11.1 (response splitting).

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { problemOfRaw } from '../http/problem-of.js'
import { dial, exchange, parseAnswer, requestText, type RawAnswer } from '../http/raw.js'
import { serviceToken, startService, tokenFor, type TestService } from '../harness.js'

let service: TestService
let token: string

beforeAll(async () => {
  service = await startService()
  token = await serviceToken()
})
afterAll(async () => {
  await service[Symbol.asyncDispose]()
})

const BODY = JSON.stringify({ to: { user: 'victim' }, type: 'test' })
const CHUNK = BODY.length.toString(16)

/** What is hidden behind a request, to be taken for the next one. */
const HIDDEN = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n'

/** A send whose end is told as `lines` have it. */
const send = (lines: string[], rest: string): string =>
  [
    'POST /v1/notifications HTTP/1.1',
    'Host: localhost',
    `Authorization: Bearer ${token}`,
    ...lines,
    '',
    rest,
  ].join('\r\n')

/** More headers than Node keeps by itself, and half of what a head may take. */
const MANY = Array.from({ length: 2_100 }, () => 'a:')

const REFUSED: [string, () => string][] = [
  [
    'a length beside a coding',
    () => send(['Content-Length: 5', 'Transfer-Encoding: chunked'], `0\r\n\r\n${HIDDEN}`),
  ],
  [
    'a coding beside a length',
    () => send(['Transfer-Encoding: chunked', 'Content-Length: 5'], `0\r\n\r\n${HIDDEN}`),
  ],
  ['two lengths', () => send(['Content-Length: 0', 'Content-Length: 42'], HIDDEN)],
  ['the same length twice', () => send(['Content-Length: 0', 'Content-Length: 0'], HIDDEN)],
  ['a list of lengths', () => send(['Content-Length: 0, 0'], HIDDEN)],
  ['a length with a sign', () => send(['Content-Length: +0'], HIDDEN)],
  ['a length below nothing', () => send(['Content-Length: -1'], HIDDEN)],
  ['a length in hexadecimal', () => send(['Content-Length: 0x0'], HIDDEN)],
  ['a length that no number holds', () => send([`Content-Length: 1${'0'.repeat(30)}`], HIDDEN)],
  ['a space before the colon', () => send(['Content-Length : 0'], HIDDEN)],
  ['a coding that is none', () => send(['Transfer-Encoding: xchunked'], `0\r\n\r\n${HIDDEN}`)],
  [
    'a coding after chunked',
    () => send(['Transfer-Encoding: chunked, identity'], `0\r\n\r\n${HIDDEN}`),
  ],
  [
    'a coding twice',
    () => send(['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'], `0\r\n\r\n${HIDDEN}`),
  ],
  [
    'a coding behind a vertical tab',
    () => send(['Transfer-Encoding:\u000bchunked'], `0\r\n\r\n${HIDDEN}`),
  ],
  ['a coding on a folded line', () => send(['Transfer-Encoding:', ' chunked'], '0\r\n\r\n')],
  ['a folded line (RFC 9112 §5.2)', () => send(['X: a', ' b', 'Content-Length: 0'], '')],
  ['a line that ends in LF alone', () => send(['X: a\nContent-Length: 0'], HIDDEN)],
  ['a line that ends in CR alone', () => send(['X: a\rContent-Length: 0'], HIDDEN)],
  ['a NUL in a header', () => send(['X: a\u0000b', 'Content-Length: 0'], HIDDEN)],
  [
    'a chunk below nothing',
    () => send(['Transfer-Encoding: chunked'], `-1\r\n${BODY}\r\n0\r\n\r\n`),
  ],
  [
    'a chunk whose size no number holds',
    () => send(['Transfer-Encoding: chunked'], `${'f'.repeat(20)}\r\n${BODY}\r\n0\r\n\r\n`),
  ],
  [
    'a chunk whose size ends in LF alone',
    () => send(['Transfer-Encoding: chunked'], `${CHUNK}\n${BODY}\r\n0\r\n\r\n`),
  ],
  [
    'a chunk that is longer than it says',
    () => send(['Transfer-Encoding: chunked'], `2\r\n${BODY}\r\n0\r\n\r\n`),
  ],
  [
    'a line break in an extension of a chunk',
    () => send(['Transfer-Encoding: chunked'], `${CHUNK};\n\r\n${BODY}\r\n0\r\n\r\n`),
  ],
  ['a second host', () => send(['Host: other', 'Content-Length: 0'], HIDDEN)],
  [
    'a second host behind 2,100 headers',
    () => send(['Content-Length: 0', ...MANY, 'Host: other'], HIDDEN),
  ],
  [
    'a coding in HTTP/1.0',
    () =>
      send(
        ['Connection: keep-alive', 'Transfer-Encoding: chunked'],
        `${CHUNK}\r\n${BODY}\r\n0\r\n\r\n${HIDDEN}`,
      ).replace('HTTP/1.1', 'HTTP/1.0'),
  ],
  [
    'a coding in HTTP/1.0 behind 2,100 headers',
    () =>
      send(
        [...MANY, 'Connection: keep-alive', 'Transfer-Encoding: chunked'],
        `${CHUNK}\r\n${BODY}\r\n0\r\n\r\n${HIDDEN}`,
      ).replace('HTTP/1.1', 'HTTP/1.0'),
  ],
]

test.each(REFUSED)('is refused, and its connection ends: %s', async (_name, request) => {
  const { socket, ended } = dial(service.url)
  socket.write(request())
  const text = await ended
  // Nothing that was hidden has been answered, before or after.
  expect(text.split('HTTP/1.1 ').length).toBe(2)
  expect(problemOfRaw(parseAnswer(text))).toMatchObject({ status: 400, code: 'malformed_request' })
  const inbox = await service.api.request('/v1/inbox', { token: await tokenFor('victim') })
  expect(await inbox.json()).toMatchObject({ items: [] })
})

/** The status of each answer to what is written at once. */
const answersTo = async (request: string): Promise<string[]> => {
  const { socket, ended } = dial(service.url)
  socket.write(request)
  return (await ended).split(/(?=HTTP\/1\.1 \d)/).map((answer) => answer.slice(9, 12))
}

describe('what HTTP allows is read in the one way that there is:', () => {
  const LAST = requestText('GET /readyz', { host: 'localhost' })

  test('the body of a GET is no request', async () => {
    const authorization = `Authorization: Bearer ${await tokenFor('alice')}`
    const first = `GET /v1/inbox HTTP/1.1\r\nHost: localhost\r\n${authorization}\r\n`
    const request = `${first}Content-Length: ${HIDDEN.length}\r\n\r\n${HIDDEN}${LAST}`
    expect(await answersTo(request)).toEqual(['200', '200'])
  })

  test('a trailer is no header: a token there is none', async () => {
    const lines = ['POST /v1/notifications HTTP/1.1', 'Host: localhost', 'Connection: close']
    const coded = [...lines, 'Trailer: Authorization', 'Transfer-Encoding: chunked', ''].join(
      '\r\n',
    )
    const body = `${CHUNK}\r\n${BODY}\r\n0\r\nAuthorization: Bearer ${token}\r\n\r\n`
    expect(await answersTo(`${coded}\r\n${body}`)).toEqual(['401'])
  })

  test('what a refused body leaves behind is no request', async () => {
    const size = 2 * 1024 * 1024
    const request = send(
      [`Content-Length: ${size}`],
      HIDDEN.repeat(Math.ceil(size / HIDDEN.length)),
    )
    const answers = await answersTo(request)
    expect(answers[0]).toBe('413')
    expect(answers).not.toContain('200')
  })
})

/** Asks for a socket; these come behind many others. */
const shake = (lines: string[]): Promise<RawAnswer> => {
  const head = ['GET /v1/socket?device=phone HTTP/1.1', 'Host: localhost', 'Connection: Upgrade']
  const version = ['Upgrade: websocket', 'Sec-WebSocket-Version: 13']
  const key = `Sec-WebSocket-Key: ${Buffer.alloc(16).toString('base64')}`
  return exchange(service.url, [...head, ...version, key, ...MANY, ...lines, '', ''].join('\r\n'))
}

describe('behind 2,100 others no header goes unread:', () => {
  const TOO_MUCH = 2 * 1024 * 1024

  test('a body over the limit is refused, by its length and in chunks', async () => {
    const byLength = send([...MANY, `Content-Length: ${TOO_MUCH}`, 'Connection: close'], '')
    expect(problemOfRaw(await exchange(service.url, byLength))).toMatchObject({ status: 413 })
    const chunk = `${TOO_MUCH.toString(16)}\r\n${'x'.repeat(TOO_MUCH)}\r\n0\r\n\r\n`
    const inChunks = send([...MANY, 'Transfer-Encoding: chunked', 'Connection: close'], chunk)
    expect(problemOfRaw(await exchange(service.url, inChunks))).toMatchObject({ status: 413 })
  })

  test('the body of a request that asks for HTTP/2 beside is no request', async () => {
    const asks = ['Connection: Upgrade', 'Upgrade: h2c', ...MANY]
    const request = send([...asks, `Content-Length: ${HIDDEN.length}`], HIDDEN)
    const last = requestText('GET /readyz', { host: 'localhost' })
    expect(await answersTo(request + last)).toEqual(['400', '200'])
  })

  test('a page of another site opens no socket', async () => {
    const answer = problemOfRaw(await shake(['Origin: https://evil.example']))
    expect(answer).toMatchObject({ status: 403, code: 'origin_not_allowed' })
  })

  test('of two tokens none counts', async () => {
    const authorization = `Authorization: Bearer ${await tokenFor('alice')}`
    const answer = problemOfRaw(await shake([authorization, authorization]))
    expect(answer).toMatchObject({ status: 400, code: 'multiple_credentials' })
  })
})

describe('no header of an answer is made of what a caller wrote (RFC 9112 §11.1):', () => {
  test.each(['%0d%0aSet-Cookie:%20a=b', '%0aSet-Cookie: a=b', '%E5%98%8D%E5%98%8ASet-Cookie:a=b'])(
    'no path and no name in it (%s)',
    async (evil) => {
      const split = encodeURI(decodeURIComponent(evil))
      for (const path of [`/${split}`, `/v1/users/${split}/inbox`, `/v1/inbox?page=${split}`]) {
        const line = `GET ${path}`
        const answer = await exchange(service.url, requestText(line, { host: 'localhost' }))
        expect(answer.status).toBeGreaterThanOrEqual(400)
        expect([...answer.headers].join('\n').toLowerCase()).not.toContain('set-cookie')
      }
    },
  )

  test('no request id, key, tag, origin or method', async () => {
    const evil = 'a%0d%0aSet-Cookie: a=b'
    const names = ['x-request-id', 'idempotency-key', 'if-none-match', 'origin']
    for (const name of [...names, 'access-control-request-headers']) {
      for (const method of ['GET', 'OPTIONS']) {
        const headers = { host: 'localhost', [name]: evil }
        const answer = await exchange(service.url, requestText(`${method} /v1/inbox`, headers))
        expect([...answer.headers.keys()]).not.toContain('set-cookie')
        expect(answer.headers.get('x-request-id')).toMatch(/^[\w=-]{1,64}$/)
      }
    }
  })
})
