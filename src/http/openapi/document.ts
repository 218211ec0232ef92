import { VERSION } from '../../protocol/version.js'
import { problemExamples } from './errors.js'
import { HEADERS } from './headers.js'
import { INBOX_PATHS } from './inbox-paths.js'
import { NOTIFICATION_PATHS } from './notification-paths.js'
import { DEVICE_PATHS, PEOPLE_PATHS } from './people-paths.js'
import { PROBE_PATHS } from './probe-paths.js'
import { withRateLimits } from './rate-limits.js'
import { componentSchemas } from './schemas.js'
import { REVOCATION_PATHS } from './revocation-paths.js'
import { SOCKET_PATHS } from './socket-path.js'
import type { OpenApiDocument } from './types.js'
import { TOPIC_PATHS } from './topic-paths.js'
import { USER_PATHS } from './user-paths.js'

/**
 * The OpenAPI 3.1 document of what is served today, from the schemas and the errors of the protocol; `openapi.yaml`
 * is its text.
 */
export function openApiDocument(): OpenApiDocument {
  return {
    openapi: '3.1.1',
    info: {
      title: 'Posthorn',
      version: VERSION,
      summary: 'Durable inboxes, pushed to every device over WebSockets, replayed without a gap.',
      description:
        'Times are RFC 3339, UTC, with milliseconds. Unknown fields and parameters are refused where an operation ' +
        'does not say otherwise; clients tolerate fields and enum values that they do not know. Errors are RFC 9457 ' +
        'problems with a stable `code`. Pages of the origins that may open a socket may ask what users ask: paths ' +
        'below `/v1/inbox` and `/v1/devices` answer with the headers of CORS.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: 'http://127.0.0.1:8080', description: 'Where it listens by default.' }],
    tags: [
      { name: 'notifications', description: 'What services do with notifications.' },
      { name: 'inbox', description: 'What users do with their own inbox.' },
      { name: 'devices', description: 'What users do with their own devices.' },
      { name: 'users', description: 'What services do for users.' },
      { name: 'topics', description: 'Whom services subscribe to what.' },
      { name: 'socket', description: 'The WebSocket to the inbox.' },
      { name: 'operation', description: 'What operators ask.' },
    ],
    paths: withRateLimits({
      ...NOTIFICATION_PATHS,
      ...INBOX_PATHS,
      ...DEVICE_PATHS,
      ...USER_PATHS,
      ...PEOPLE_PATHS,
      ...REVOCATION_PATHS,
      ...TOPIC_PATHS,
      ...SOCKET_PATHS,
      ...PROBE_PATHS,
    }),
    components: {
      securitySchemes: {
        bearerAuth: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description:
            'A JWT (RFC 6750) with `sub` and `exp`. With a scope of Posthorn in `scope` (space-separated) it is the ' +
            'token of a service, named by `iss` and `sub`; any other is the token of the user `sub`, and serves one ' +
            'device only where it has the claim `device`. The wrong kind, or a missing scope, is ' +
            '`insufficient_scope`.',
        },
      },
      schemas: componentSchemas(),
      headers: HEADERS,
      examples: problemExamples(),
    },
  }
}
