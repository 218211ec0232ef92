import { problemAnswers } from './errors.js'
import { headers } from './headers.js'
import { ANYWHERE, json, serviceOnly, success } from './operations.js'
import type { Operation, PathItem } from './types.js'

const NO_TOKEN = { tags: ['operation'], security: [] }

const getHealth: Operation = {
  operationId: 'getHealth',
  ...NO_TOKEN,
  summary: 'Ask whether the process lives',
  description: 'Answers as long as the process does; says nothing of the store. Needs no token.',
  responses: {
    200: success(
      'It lives.',
      json('ProbeAnswer', { alive: { summary: 'Alive', value: { status: 'ok' } } }),
    ),
    ...problemAnswers(...ANYWHERE),
  },
}

const getReadiness: Operation = {
  operationId: 'getReadiness',
  ...NO_TOKEN,
  summary: 'Ask whether requests can be served',
  description:
    'Whether the store can write and read, and the service is not stopping. Where it can not, `detail` says why in words that an operator can act on: "The disk is full.", say. Needs no token.',
  responses: {
    200: success(
      'It can serve.',
      json('ProbeAnswer', { ready: { summary: 'Ready', value: { status: 'ready' } } }),
    ),
    ...problemAnswers(...ANYWHERE, 'shutting_down', 'store_unavailable'),
  },
}

const getOpenApi: Operation = {
  operationId: 'getOpenApi',
  ...NO_TOKEN,
  summary: 'Read this document',
  description: 'The description of the API that this version serves. Needs no token.',
  responses: {
    200: success('An OpenAPI 3.1 document.', {
      'application/yaml': {
        schema: { type: 'string' },
        examples: { beginning: { summary: 'How it begins', value: 'openapi: 3.1.1\n' } },
      },
    }),
    ...problemAnswers(...ANYWHERE),
  },
}

const METRICS_BEGINNING = `# HELP posthorn_connections Sockets that are connected now.
# TYPE posthorn_connections gauge
posthorn_connections 1042
`

const getMetrics: Operation = {
  operationId: 'getMetrics',
  tags: ['operation'],
  summary: 'Read the metrics',
  ...serviceOnly(
    'posthorn:metrics',
    'What is measured, for Prometheus. On `OPS_PORT`, where there is one, the same is answered without a token.',
  ),
  responses: {
    200: {
      description: 'The text format of Prometheus, version 0.0.4.',
      headers: headers('X-Request-Id'),
      content: {
        'text/plain': {
          schema: { type: 'string' },
          examples: { some: { summary: 'One of them', value: METRICS_BEGINNING } },
        },
      },
    },
    ...problemAnswers(
      ...ANYWHERE,
      'invalid_query',
      'missing_token',
      'invalid_token',
      'token_expired',
      'token_revoked',
      'insufficient_scope',
      'rate_limited',
      'keys_unavailable',
    ),
  },
}

const getReference: Operation = {
  operationId: 'getReference',
  ...NO_TOKEN,
  summary: 'Read this document as a page',
  description:
    'A page for people, which draws this document. It loads nothing from outside and sends nothing. Needs no token.',
  responses: {
    200: success('The page.', {
      'text/html': {
        schema: { type: 'string' },
        examples: { beginning: { summary: 'How it begins', value: '<!doctype html>\n' } },
      },
    }),
    ...problemAnswers(...ANYWHERE),
  },
}

/** What operators ask. */
export const PROBE_PATHS: Record<string, PathItem> = {
  '/healthz': { get: getHealth },
  '/readyz': { get: getReadiness },
  '/metrics': { get: getMetrics },
  '/openapi.yaml': { get: getOpenApi },
  '/docs': { get: getReference },
}
