import { fileURLToPath } from 'node:url'
import { pino } from 'pino'
import { describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import * as z from 'zod/mini'
import { createApp } from '../../src/http/app.js'
import { DevicesPlace } from '../../src/http/devices.js'
import { parseIdempotencyKey } from '../../src/http/idempotency-key.js'
import { ListPlace, ListQuery } from '../../src/http/inbox-of.js'
import { ChangesQuery } from '../../src/http/inbox.js'
import { DeliveriesPlace } from '../../src/http/notifications.js'
import type { Parameter } from '../../src/http/openapi/types.js'
import { ConnectionsPlace } from '../../src/http/people.js'
import { decodePage, PageQuery } from '../../src/http/query.js'
import { SubscribersPlace, TopicsPlace } from '../../src/http/topics.js'
import { InProcessWake } from '../../src/inbox/wake.js'
import { PosthornError } from '../../src/protocol/errors.js'
import { DeviceId, NotificationId, Topic, UserId } from '../../src/protocol/identifiers.js'
import { Problem, PROBLEM_CONTENT_TYPE } from '../../src/protocol/problem.js'
import { parseSocketQuery, SocketQuery } from '../../src/protocol/socket-query.js'
import { Traffic } from '../../src/telemetry/traffic.js'
import { absentStore } from '../absent-store.js'
import { nobodyLive } from '../nobody-live.js'
import { nothingMeasured } from '../nothing-measured.js'
import { examplesOf, openApi, operationNamed, operations } from './documented.js'
import { nobodyRevokes } from '../nothing-revoked.js'

const FILE = fileURLToPath(new URL('../../openapi.yaml', import.meta.url))

test('openapi.yaml is the text of the document', async () => {
  const text = stringify(openApi, {
    // Many tools read no aliases, and many read YAML 1.1, to which a bare time is no string.
    aliasDuplicateObjects: false,
    compat: 'yaml-1.1',
    lineWidth: 100,
  })
  const shown = openApi.paths['/openapi.yaml']?.get?.responses['200']?.content?.['application/yaml']
  for (const beginning of examplesOf(shown)) expect(text.startsWith(String(beginning))).toBe(true)
  await expect(text).toMatchFileSnapshot(FILE)
})

/** Pages are for people, and what they ask is between them and a service of the very same version. */
const OF_PAGES = new Set([
  'GET /docs/page.js',
  'GET /docs/page.css',
  'GET /',
  'GET /console/page.js',
  'GET /console/page.css',
  'GET /console/settings',
  'POST /console/tokens',
  'GET /console/traffic',
])

describe('the application', () => {
  /** What Node tells of a request that came by a connection, and where its answer goes. */
  const bindings = {
    incoming: { httpVersionMinor: 1, headers: {}, rawHeaders: ['Host', 'localhost'] },
    outgoing: { setHeader: () => undefined },
  }
  const app = createApp({
    store: { ...absentStore, check: () => Promise.resolve() },
    wake: new InProcessWake(),
    live: nobodyLive,
    revoker: nobodyRevokes,
    marker: { mark: () => Promise.reject(new Error('nothing is to be marked here')) },
    caretaker: { hurry: () => undefined },
    clock: () => 0,
    retentionMs: 0,
    verify: () => Promise.reject(new PosthornError('invalid_token', 'No token is good here.')),
    addresses: { of: () => undefined },
    quotas: { take: () => undefined },
    log: pino({ level: 'silent' }),
    traffic: new Traffic(),
    metrics: nothingMeasured,
    origins: { allowed: new Set(), loopbackPort: undefined },
    loopbackHostsOnly: false,
    console: { mint: () => Promise.reject(new Error('nothing is to be minted here')) },
    wayOut: { isAnnounced: () => false, isStopping: () => false },
  })

  test('serves the paths and methods of the document, and no others', () => {
    const served = app.routes
      // Middleware is registered for all methods.
      .filter(({ method }) => method !== 'ALL')
      .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)(\{[^}]+\})?/g, '{$1}')}`)
      .filter((operation) => !OF_PAGES.has(operation))
    const documented = operations.map(({ method, path }) => `${method.toUpperCase()} ${path}`)
    expect(new Set(documented)).toEqual(new Set(served))
  })

  test.each(['/healthz', '/readyz'])('answers %s as the example says', async (path) => {
    const answer = await app.request(path, {}, bindings)
    const content = openApi.paths[path]?.get?.responses['200']?.content?.['application/json']
    expect(examplesOf(content)).toEqual([await answer.json()])
  })

  test.each(operations.filter(({ operation }) => operation.security[0]?.['bearerAuth']))(
    'answers a request without a token as the document says: $method $path',
    async ({ path, method, operation }) => {
      const answer = await app.request(path.replaceAll(/\{\w+\}/g, 'x'), { method }, bindings)
      // Without an upgrade, the socket's path has nothing to guard.
      const expected = operation.operationId === 'openSocket' ? 'upgrade_required' : 'missing_token'
      const { code, status } = Problem.parse(await answer.json())
      expect({ code, status }).toEqual({ code: expected, status: answer.status })
      const documented = operation.responses[status]
      expect(examplesOf(documented?.content?.[PROBLEM_CONTENT_TYPE])).toContainEqual(
        expect.objectContaining({ code }),
      )
      expect(Object.keys(documented?.headers ?? {}).map((name) => name.toLowerCase())).toEqual(
        expect.arrayContaining(
          [...answer.headers.keys()].filter((name) => !PLAIN_HEADERS.has(name)),
        ),
      )
    },
  )
})

/** Headers that say nothing of their own: OpenAPI leaves the first out, the second goes with `Upgrade`, browsers read the others. */
const PLAIN_HEADERS = new Set([
  'content-type',
  'connection',
  'vary',
  'access-control-expose-headers',
])

describe('the parameters', () => {
  const queries = [
    { operationId: 'listDeliveries', query: PageQuery },
    { operationId: 'listDevices', query: PageQuery },
    { operationId: 'listUserDevices', query: PageQuery },
    { operationId: 'listUserConnections', query: PageQuery },
    { operationId: 'listInbox', query: ListQuery },
    { operationId: 'listInboxChanges', query: ChangesQuery },
    { operationId: 'listUserInbox', query: ListQuery },
    { operationId: 'listSubscribers', query: PageQuery },
    { operationId: 'listUserTopics', query: PageQuery },
  ]

  test.each(queries)('of $operationId are those of its query', ({ operationId, query }) => {
    const parameters = parametersOf(operationId, 'query')
    expect(parameters.map(({ name }) => name)).toEqual(Object.keys(query.shape))
    const examples = Object.fromEntries(parameters.map(({ name, example }) => [name, example]))
    const text = Object.fromEntries(parameters.map(({ name, example }) => [name, String(example)]))
    expect(query.parse(text)).toEqual(examples)
  })

  test('of the socket are read by it', () => {
    const parameters = parametersOf('openSocket', 'query')
    const query = new URLSearchParams()
    for (const { name, example } of parameters) query.set(name, String(example))
    const {
      device,
      cursor,
      epoch,
      batch,
      access_token: token,
    } = Object.fromEntries(parameters.map(({ name, example }) => [name, example]))
    expect(parseSocketQuery(query)).toEqual({
      device,
      start: { kind: 'cursor', cursor, epoch },
      batch,
      token,
    })
  })

  test('of the socket are all that it reads', () => {
    const documented = parametersOf('openSocket', 'query').map(({ name }) => name)
    expect(documented.toSorted()).toEqual(Object.keys(SocketQuery.shape).toSorted())
  })

  test('of all other operations are none in the query', () => {
    const known = new Set(['openSocket', ...queries.map(({ operationId }) => operationId)])
    const others = operations.filter(({ operation }) => !known.has(operation.operationId))
    expect(
      others.flatMap(({ operation: { operationId } }) => parametersOf(operationId, 'query')),
    ).toEqual([])
  })

  test('in the path are those that it names, and are named as notifications, users and devices are', () => {
    const schemas = new Map<string, z.ZodMiniType>([
      ['id', NotificationId],
      ['topic', Topic],
      ['user', UserId],
      ['device', DeviceId],
    ])
    for (const { path, operation } of operations) {
      const parameters = parametersOf(operation.operationId, 'path')
      const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
      expect([path, parameters.map(({ name }) => name)]).toEqual([path, named])
      for (const { name, example } of parameters) {
        expect(schemas.get(name)?.parse(example)).toBe(example)
      }
    }
  })

  test('ask for a tag where the answer may be that nothing has changed', () => {
    for (const { operation } of operations) {
      const asked = parametersOf(operation.operationId, 'header').map(({ name }) => name)
      const told = Object.hasOwn(operation.responses, '304')
      expect([operation.operationId, asked.includes('If-None-Match')]).toEqual([
        operation.operationId,
        told,
      ])
      const tagged = operation.responses['200']?.headers ?? {}
      expect([operation.operationId, Object.hasOwn(tagged, 'ETag')]).toEqual([
        operation.operationId,
        told,
      ])
    }
  })

  test('give pages and idempotency keys that the routes read', () => {
    expect(decodePage(ListPlace, exampleOf('listInbox', 'page'))).toBeDefined()
    expect(decodePage(DeliveriesPlace, exampleOf('listDeliveries', 'page'))).toBeDefined()
    expect(decodePage(DevicesPlace, exampleOf('listDevices', 'page'))).toBeDefined()
    expect(decodePage(ConnectionsPlace, exampleOf('listUserConnections', 'page'))).toBeDefined()
    expect(decodePage(SubscribersPlace, exampleOf('listSubscribers', 'page'))).toBeDefined()
    expect(decodePage(TopicsPlace, exampleOf('listUserTopics', 'page'))).toBeDefined()
    const key = parseIdempotencyKey(exampleOf('sendNotification', 'Idempotency-Key'))
    expect(key).toBe('order-8812-shipped')
  })
})

function parametersOf(operationId: string, place: Parameter['in']): Parameter[] {
  const { parameters = [] } = operationNamed(operationId)
  return parameters.filter((parameter) => parameter.in === place)
}

function exampleOf(operationId: string, name: string): string {
  const { parameters = [] } = operationNamed(operationId)
  return z.string().parse(parameters.find((parameter) => parameter.name === name)?.example)
}
