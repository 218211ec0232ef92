import * as fc from 'fast-check'
import { objectText } from './json-text.js'
import { markFields } from './mark-fields.js'
import { tokens, type People } from './people.js'
import { sendBodies } from './send-bodies.js'

/** One HTTP request, well framed: a service that is well answers each. */
export interface HttpInput {
  method: string
  path: string
  headers: readonly (readonly [name: string, value: string])[]
  body: Buffer
  /** Whether the body goes in chunks (RFC 9112 §7.1) or with its length. */
  chunked: boolean
}

/** Of ten, one; else null. */
const seldom = <Value>(values: fc.Arbitrary<Value>): fc.Arbitrary<Value | null> =>
  fc.oneof({ weight: 9, arbitrary: fc.constant(null) }, values)

/** Few keys, so that they meet again with other bodies. */
const idempotencyKey = fc.oneof(
  fc.constantFrom('one', 'two', '"one"', '"', '""', 'x'.repeat(256), ' '),
  fc.string({ maxLength: 30 }),
)

/** Bodies of `POST /v1/notifications`, some with a key. */
export function sends(people: People): fc.Arbitrary<HttpInput> {
  return fc
    .tuple(sendBodies(people), seldom(idempotencyKey), fc.nat({ max: 9 }))
    .map(([body, key, chunked]) => ({
      method: 'POST',
      path: '/v1/notifications',
      headers: [
        ['authorization', `Bearer ${people.service}`],
        ...(key === null ? [] : ([['idempotency-key', key]] as const)),
      ],
      body,
      chunked: chunked === 0,
    }))
}

const METHODS = [
  'GET GET GET POST PUT DELETE PATCH HEAD OPTIONS TRACE QUERY PROPFIND M-SEARCH get NONSENSE',
].flatMap((methods) => methods.split(' '))

const PATHS = [
  '/ * /healthz /readyz /openapi.yaml /v1 /v1/ /v1/socket /v1/notifications /v1/notifications/',
  '/v1/inbox /v1/inbox/counts /v1/inbox/changes /v1/inbox/%00 /v1/users/u/inbox',
  '/v1/inbox/mark /v1/inbox/ack /v1/inbox/01990000-0000-7000-8000-000000000000',
  '/v1/users/u/inbox/mark /v1/users/%00/inbox/counts /v1/users/u/inbox/counts',
  '/v1/notifications/01990000-0000-7000-8000-000000000000',
  '/v1/notifications/01990000-0000-7000-8000-000000000000/deliveries /v1/notifications/batch',
  '/v1/topics/news/subscribers /v1/topics/news/subscribers/u /v1/topics/a%20b/subscribers/%00',
  '/v1/users/u /v1/users/u/topics /v1/users/u/devices /v1/users/u/devices/phone',
  '/v1/users/u/connections /v1/users/u/disconnect /v1/devices /v1/devices/none /v1/revocations',
  'http://elsewhere/v1/inbox //v1/inbox /v1/../healthz /% /%ff',
].flatMap((paths) => paths.split(' '))

const NAMES = ['limit', 'page', 'after', 'epoch', 'device', 'filter', 'type', '__proto__']

/** Text as a line of a request can hold it: a line break would end it, which the raw bytes try. */
const lineText = fc
  .oneof(fc.string({ maxLength: 20 }), fc.string({ unit: 'binary', maxLength: 12 }))
  .map((text) => text.replaceAll(/[\r\n]/g, ''))

const query = fc
  .array(
    fc.tuple(
      fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...NAMES) }, lineText),
      fc.oneof(
        fc.constantFrom('0', '1', '-1', '100', '101', '999999999999999', '1e3', 'latest', '%', ''),
        lineText.map((text) => Buffer.from(text).toString('base64url')),
        lineText.map((text) => encodeURIComponent(text.toWellFormed())),
        lineText,
      ),
    ),
    { maxLength: 4 },
  )
  .map((pairs) => pairs.map(([name, value]) => `${name}=${value}`).join('&'))

const named = (name: string, values: fc.Arbitrary<string>) =>
  fc.tuple(fc.constant(name), fc.oneof(values, lineText))

/** Headers that mean something to us or to HTTP. */
function header(people: People): fc.Arbitrary<readonly [string, string]> {
  const credential = tokens(people).map((token) => `Bearer ${token.replaceAll(/[\r\n]/g, '')}`)
  return fc.oneof(
    named('authorization', fc.oneof(credential, fc.constantFrom('Basic eDp5', 'Bearer'))),
    named('idempotency-key', idempotencyKey),
    named('x-request-id', fc.constantFrom('a', 'x'.repeat(64), 'x'.repeat(65), '../..', '')),
    named('host', fc.constantFrom('', 'localhost', '[::1]', 'a b', 'evil.example', ':0')),
    named('accept', fc.constantFrom('*/*', 'text/html')),
    named('content-type', fc.constantFrom('application/json', 'multipart/form-data', 'x')),
    named('expect', fc.constantFrom('100-continue', 'the unexpected')),
    named('upgrade', fc.constantFrom('h2c', 'TLS/1.0', 'websocket2')),
    named('connection', fc.constantFrom('upgrade', 'keep-alive', 'close', 'upgrade, close')),
    named('origin', fc.constantFrom('null', 'https://evil.example')),
    named('cookie', fc.constant('a=b')),
  )
}

/** What is asked of a notification that was sent of late: most of all, to take it back. */
export interface SentInput {
  method: string
  /** Which one. */
  number: number
  rest: string
}

export const asksOfSent: fc.Arbitrary<SentInput> = fc.record({
  method: fc.constantFrom('DELETE', 'DELETE', 'GET'),
  number: fc.nat(),
  rest: fc.constantFrom('', '', '/deliveries', '/deliveries?limit=1', '?x'),
})

/** The request, once it is known what was sent. */
export function requestOfSent(
  { service }: People,
  { method, rest }: SentInput,
  id: string,
): HttpInput {
  return {
    method,
    path: `/v1/notifications/${id}${rest}`,
    headers: [['authorization', `Bearer ${service}`]],
    body: Buffer.alloc(0),
    chunked: false,
  }
}

/** Any method on any path with any query and headers. */
export function requests(people: People): fc.Arbitrary<HttpInput> {
  const path = fc
    .tuple(fc.oneof({ weight: 8, arbitrary: fc.constantFrom(...PATHS) }, lineText), query)
    .map(([path, query]) => (query === '' ? path : `${path}?${query}`))
  const known = fc
    .constantFrom(people.service, ...people.listeners.slice(0, 5).map(({ token }) => token))
    .map((token): [string, string] => ['authorization', `Bearer ${token}`])
  return fc.record({
    method: fc.constantFrom(...METHODS),
    path,
    headers: fc
      .tuple(fc.option(known, { freq: 4 }), fc.array(header(people), { maxLength: 4 }))
      .map(([first, more]) => (first === null ? more : [first, ...more])),
    body: fc.oneof(
      { weight: 3, arbitrary: fc.constant(Buffer.alloc(0)) },
      markFields.map((fields) => Buffer.from(objectText(fields))),
      sendBodies(people),
    ),
    chunked: fc.boolean(),
  })
}
