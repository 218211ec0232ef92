import * as z from 'zod/mini'
import { DeviceId, Epoch, Seq } from '../../protocol/identifiers.js'
import { problemAnswers } from './errors.js'
import { DEVICE, EPOCH } from './examples.js'
import { headers } from './headers.js'
import { ANYWHERE } from './operations.js'
import { queryParameters } from './parameters.js'
import { NO_DEVICE, TOO_MANY_SOCKETS, TOO_MANY_UPGRADES, USERS_ONLY } from './particular-errors.js'
import type { Operation, PathItem } from './types.js'

/** What `parseSocketQuery` reads, as values rather than as the text that a query holds. */
const SocketParameters = z.object({
  device: z.optional(DeviceId),
  cursor: z.optional(z.union([z.literal('latest'), Seq])),
  epoch: z.optional(Epoch),
  batch: z._default(z.boolean(), false),
  access_token: z.optional(z.string()),
})

const openSocket: Operation = {
  operationId: 'openSocket',
  tags: ['socket'],
  summary: 'Open a WebSocket to the inbox',
  description:
    'Needs the token of a user, in one of these ways: the `Authorization` header; the subprotocol entry ' +
    '`bearer.<jwt>` beside `posthorn.v1`; a first message `authenticate`, within 5 s; or `access_token`. The answers ' +
    'below are those to a handshake; what is wrong with a token that came otherwise than by the header or the query ' +
    'is told by an `error` message and a close code. Parameters that are not known are ignored.',
  security: [{ bearerAuth: [] }, {}],
  parameters: queryParameters(SocketParameters, {
    device: {
      description:
        'The device that reads; required here or as the claim `device` of the token. Made where it is new.',
      example: DEVICE,
    },
    cursor: {
      description:
        "Where to start: after this `seq`, or `latest` for what comes next. Without it, at the device's stored " +
        'cursor; a new device starts at the beginning of what is retained.',
      example: 1080,
    },
    epoch: {
      description: 'The epoch of `cursor`; required with one, `latest` apart.',
      example: EPOCH,
    },
    batch: { description: 'Whether the server may send arrays of frames.', example: true },
    access_token: {
      description: 'A token (RFC 6750 §2.3), where `ALLOW_QUERY_TOKEN` is true.',
      example: 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1XzQyIn0.c2lnbmF0dXJl',
    },
  }),
  responses: {
    101: {
      description: 'The connection speaks `posthorn.v1` from here on (RFC 6455).',
      headers: headers('Upgrade', 'Sec-WebSocket-Protocol'),
    },
    ...problemAnswers(
      ...ANYWHERE,
      NO_DEVICE,
      'device_required',
      'epoch_required',
      'multiple_credentials',
      'unsupported_subprotocol',
      'invalid_handshake',
      'missing_token',
      'invalid_token',
      'token_expired',
      'token_revoked',
      USERS_ONLY,
      'device_not_allowed',
      'origin_not_allowed',
      'upgrade_required',
      TOO_MANY_UPGRADES,
      'shutting_down',
      TOO_MANY_SOCKETS,
      'keys_unavailable',
    ),
  },
}

/** The WebSocket, as far as HTTP goes. */
export const SOCKET_PATHS: Record<string, PathItem> = { '/v1/socket': { get: openSocket } }
