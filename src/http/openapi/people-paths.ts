import { PageQuery } from '../query.js'
import { problemAnswers, type DocumentedError } from './errors.js'
import {
  BEHIND_A_SERVICE,
  BEHIND_A_USER,
  json,
  noContent,
  requestBody,
  serviceOnly,
  success,
  userOnly,
} from './operations.js'
import {
  NO_SUCH_DEVICE,
  NO_SUCH_USER,
  NOTHING_TO_DISCONNECT,
  PAGE_TOO_LONG,
} from './particular-errors.js'
import { DEVICE_PARAMETER, LIMIT, pageText, queryParameters, USER_PARAMETER } from './parameters.js'
import * as examples from './people-examples.js'
import type { Operation, Parameter, PathItem } from './types.js'

/** Who does it with whose devices. */
interface Whose {
  tag: string
  allowed: (description: string) => Pick<Operation, 'security' | 'description'>
  parameters: Parameter[]
  /** Errors of the list, and of a removal. */
  errors: { list: DocumentedError[]; remove: DocumentedError[] }
}

const THEIR_OWN: Whose = {
  tag: 'devices',
  allowed: userOnly,
  parameters: [],
  errors: { list: [...BEHIND_A_USER], remove: [...BEHIND_A_USER, 'device_not_allowed'] },
}

const THE_USERS: Whose = {
  tag: 'users',
  allowed: (description) => serviceOnly('posthorn:users', description),
  parameters: [USER_PARAMETER],
  errors: { list: [...BEHIND_A_SERVICE, NO_SUCH_USER], remove: [...BEHIND_A_SERVICE] },
}

function listDevices(operationId: string, whose: Whose): Operation {
  return {
    operationId,
    tags: [whose.tag],
    summary: 'List the devices, in the order in which they came',
    ...whose.allowed(
      'A token that serves one device lists that one alone. `online` is best effort, and `lastSeenAt` moves when the ' +
        'device connects, when it acknowledges, and when its connection ends.',
    ),
    parameters: [
      ...whose.parameters,
      ...queryParameters(PageQuery, { limit: LIMIT, page: pageText(examples.DEVICES_PAGE) }),
    ],
    responses: {
      200: success(
        'A page of devices.',
        json('DeviceList', {
          two: { summary: 'One is there, another was away for days', value: examples.DEVICES },
        }),
      ),
      ...problemAnswers(...whose.errors.list, PAGE_TOO_LONG, 'invalid_page'),
    },
  }
}

function removeDevice(operationId: string, whose: Whose): Operation {
  return {
    operationId,
    tags: [whose.tag],
    summary: 'Remove a device',
    ...whose.allowed(
      'Its cursor and its deliveries are forgotten, and its sockets close 4410. Where it connects again it is new. One ' +
        'that is not known is `not_found`.',
    ),
    parameters: [...whose.parameters, DEVICE_PARAMETER],
    responses: {
      204: noContent('The device is gone.'),
      ...problemAnswers(...whose.errors.remove, 'invalid_query', NO_SUCH_DEVICE),
    },
  }
}

const listConnections: Operation = {
  operationId: 'listUserConnections',
  tags: ['users'],
  summary: "List a user's sockets that are connected now",
  ...serviceOnly('posthorn:users', 'The oldest first; best effort.'),
  parameters: [
    USER_PARAMETER,
    ...queryParameters(PageQuery, {
      limit: LIMIT,
      page: pageText(examples.CONNECTIONS_PAGE),
    }),
  ],
  responses: {
    200: success(
      'A page of connections.',
      json('ConnectionList', {
        one: { summary: 'The phone is connected', value: examples.CONNECTIONS },
      }),
    ),
    ...problemAnswers(...BEHIND_A_SERVICE, PAGE_TOO_LONG, 'invalid_page', NO_SUCH_USER),
  },
}

const disconnect: Operation = {
  operationId: 'disconnectUser',
  tags: ['users'],
  summary: "End a user's connections",
  ...serviceOnly(
    'posthorn:users',
    'All of them, or only what is named. They close 1012, after which clients come again at once; with `reconnect` ' +
      'false they hear `disconnected` and close 4403, after which clients stay away.',
  ),
  parameters: [USER_PARAMETER],
  requestBody: requestBody(
    'Which connections, and whether they may come again. Fields that are not known are refused.',
    json('DisconnectRequest', {
      all: { summary: 'All of them, to connect anew', value: examples.DISCONNECT_ALL },
      oneDevice: { summary: 'One device, for good', value: examples.DISCONNECT_DEVICE },
    }),
  ),
  responses: {
    200: success(
      'They are ended.',
      json('DisconnectResult', { one: { summary: 'One was', value: examples.DISCONNECTED } }),
    ),
    ...problemAnswers(
      ...BEHIND_A_SERVICE,
      'invalid_query',
      'malformed_body',
      NO_SUCH_USER,
      'payload_too_large',
      NOTHING_TO_DISCONNECT,
    ),
  },
}

const eraseUser: Operation = {
  operationId: 'eraseUser',
  tags: ['users'],
  summary: 'Erase a user',
  ...serviceOnly(
    'posthorn:users',
    'The inbox, the devices, the deliveries, the subscriptions, what is scheduled for the user, and all content that ' +
      'was sent to nobody else. The sockets close 4403. What others were sent too stays with them. When it is answered, ' +
      'nothing is left; whoever comes by that name again begins anew, with another `epoch`. One of whom nobody has ' +
      'heard is answered likewise.',
  ),
  parameters: [USER_PARAMETER],
  responses: {
    204: noContent('Nothing of the user is left.'),
    ...problemAnswers(...BEHIND_A_SERVICE, 'invalid_query', NO_SUCH_USER),
  },
}

/** What users do with their own devices. */
export const DEVICE_PATHS: Record<string, PathItem> = {
  '/v1/devices': { get: listDevices('listDevices', THEIR_OWN) },
  '/v1/devices/{device}': { delete: removeDevice('removeDevice', THEIR_OWN) },
}

/** What services do with users, their devices and connections. */
export const PEOPLE_PATHS: Record<string, PathItem> = {
  '/v1/users/{user}/devices': { get: listDevices('listUserDevices', THE_USERS) },
  '/v1/users/{user}/devices/{device}': { delete: removeDevice('removeUserDevice', THE_USERS) },
  '/v1/users/{user}/connections': { get: listConnections },
  '/v1/users/{user}/disconnect': { post: disconnect },
  '/v1/users/{user}': { delete: eraseUser },
}
