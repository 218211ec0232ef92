import { PageQuery } from '../query.js'
import { problemAnswers } from './errors.js'
import * as examples from './notification-examples.js'
import { BEHIND_A_SERVICE, json, serviceOnly, success } from './operations.js'
import {
  IDEMPOTENCY_KEY_PARAMETER,
  LIMIT,
  NOTIFICATION_ID_PARAMETER,
  pageText,
  queryParameters,
  TRACE_PARAMETERS,
} from './parameters.js'
import { BATCH_TOO_LARGE, NO_BATCH, PAGE_TOO_LONG } from './particular-errors.js'
import type { Operation, PathItem } from './types.js'

const sendNotification: Operation = {
  operationId: 'sendNotification',
  tags: ['notifications'],
  summary: 'Send a notification',
  ...serviceOnly(
    'posthorn:send',
    'When the answer is 201, the notification stands in the inbox of each of its users, on disk, and reaches every ' +
      'device of theirs at least once. With 202 and the status `scheduled` or `fanning_out` it is on disk too, and ' +
      'arrives later: at `deliverAt`, or inbox by inbox, as it does for a topic and for everyone. With 202 and the ' +
      'status `sent`, which is the answer to a `ttl` of 0, it has gone to the sockets that are connected now and is ' +
      'stored nowhere; one device or one connection is reached only so. `everyone` needs the scope ' +
      '`posthorn:broadcast` too. A notification has at most 64 KiB as JSON, a request at most 1 MiB.',
  ),
  parameters: [IDEMPOTENCY_KEY_PARAMETER, ...TRACE_PARAMETERS],
  requestBody: {
    required: true,
    description: 'The notification, and whom it is for. Fields that are not known are refused.',
    content: json('SendRequest', {
      oneUser: { summary: 'To one user', value: examples.SENDS.oneUser },
      severalUsers: { summary: 'To several users', value: examples.SENDS.severalUsers },
      topic: { summary: 'To those who are subscribed to a topic', value: examples.SENDS.topic },
      everyone: { summary: 'To everyone', value: examples.SENDS.everyone },
      device: { summary: 'To one device, now or never', value: examples.SENDS.device },
      connection: { summary: 'To one connection', value: examples.SENDS.connection },
      replacing: {
        summary: 'In place of an older one, for a day',
        value: examples.SENDS.replacing,
      },
      later: { summary: 'To arrive later, and to live an hour then', value: examples.SENDS.later },
    }),
  },
  responses: {
    201: success(
      'It is stored.',
      json('SendReceipt', {
        oneUser: { summary: 'Sent to one user', value: examples.STORED.oneUser },
        severalUsers: { summary: 'Sent to several users', value: examples.STORED.severalUsers },
        replacing: { summary: 'Sent for a day', value: examples.STORED.replacing },
      }),
      'Idempotency-Replayed',
    ),
    202: success(
      'It is taken, and yet to arrive; or it has gone to the sockets that are connected, and is stored nowhere.',
      json('SendReceipt', {
        scheduled: { summary: 'It arrives later', value: examples.UNDER_WAY.scheduled },
        fanningOut: { summary: 'It arrives inbox by inbox', value: examples.UNDER_WAY.fanningOut },
        sent: { summary: 'It went to the sockets alone', value: examples.UNDER_WAY.sent },
      }),
      'Idempotency-Replayed',
    ),
    ...problemAnswers(
      ...BEHIND_A_SERVICE,
      'invalid_query',
      'malformed_body',
      'invalid_idempotency_key',
      'payload_too_large',
      'invalid_request',
      'idempotency_key_reused',
    ),
  },
}

const sendBatch: Operation = {
  operationId: 'sendBatch',
  tags: ['notifications'],
  summary: 'Send up to 500 notifications',
  ...serviceOnly(
    'posthorn:send',
    'Each item is answered for itself: one that is refused harms no other. `idempotencyKey` is for an item what the ' +
      'header `Idempotency-Key` is for a single send, of the same key space. A batch has at most 4 MiB.',
  ),
  parameters: TRACE_PARAMETERS,
  requestBody: {
    required: true,
    description: 'The notifications, and whom each is for.',
    content: json('Batch', {
      three: { summary: 'Three notifications, one of them for later', value: examples.BATCH },
    }),
  },
  responses: {
    200: success(
      'Each item has its result, in their order.',
      json('BatchResult', {
        oneRefused: {
          summary: 'One stored, one scheduled, one refused',
          value: examples.BATCH_RESULT,
        },
      }),
    ),
    ...problemAnswers(
      ...BEHIND_A_SERVICE,
      'invalid_query',
      'malformed_body',
      'idempotency_key_in_items',
      BATCH_TOO_LARGE,
      NO_BATCH,
    ),
  },
}

const getNotification: Operation = {
  operationId: 'getNotification',
  tags: ['notifications'],
  summary: 'Look up a notification',
  ...serviceOnly(
    'posthorn:read',
    'What was sent, how many users it is for, and in how many inboxes it was stored so far. It is told for as long as ' +
      'entries are kept, from when it was accepted or has arrived, and while an inbox has it.',
  ),
  parameters: [NOTIFICATION_ID_PARAMETER],
  responses: {
    200: success(
      'The notification.',
      json('NotificationOverview', {
        stored: { summary: 'Stored', value: examples.OVERVIEWS.stored },
        scheduled: { summary: 'To arrive later', value: examples.OVERVIEWS.scheduled },
        fanningOut: { summary: 'On its way to many', value: examples.OVERVIEWS.fanningOut },
        recalled: { summary: 'Taken back', value: examples.OVERVIEWS.recalled },
        expired: { summary: 'At its end', value: examples.OVERVIEWS.expired },
      }),
    ),
    ...problemAnswers(...BEHIND_A_SERVICE, 'invalid_query', 'not_found'),
  },
}

const listDeliveries: Operation = {
  operationId: 'listDeliveries',
  tags: ['notifications'],
  summary: 'List what became of a notification on each device',
  ...serviceOnly(
    'posthorn:read',
    'A row per user and device; a user without a device has one row, whose `device` is null. A delivery may lag ' +
      'behind the truth, and never leads it. It is told for as long as the notification is.',
  ),
  parameters: [
    NOTIFICATION_ID_PARAMETER,
    ...queryParameters(PageQuery, {
      limit: LIMIT,
      page: pageText(examples.DELIVERIES_PAGE),
    }),
  ],
  responses: {
    200: success(
      'A page of deliveries.',
      json('DeliveryList', {
        twoDevices: {
          summary: 'One device has it, another is away',
          value: examples.DELIVERIES,
        },
        endings: { summary: 'Each way in which it may end', value: examples.ENDINGS },
      }),
    ),
    ...problemAnswers(...BEHIND_A_SERVICE, PAGE_TOO_LONG, 'invalid_page', 'not_found'),
  },
}

const recallNotification: Operation = {
  operationId: 'recallNotification',
  tags: ['notifications'],
  summary: 'Take a notification back',
  ...serviceOnly(
    'posthorn:send',
    'Cancels a scheduled one, and takes a stored one out of every inbox, also on devices that are offline now: they ' +
      'are told by `removed` when they come back. One that was sent by another service is answered as one that does ' +
      'not exist. To ask again changes nothing.',
  ),
  parameters: [NOTIFICATION_ID_PARAMETER],
  responses: {
    200: success(
      'No inbox has it any more.',
      json('RecallReceipt', { recalled: { summary: 'Taken back', value: examples.RECALLED } }),
    ),
    202: success(
      'No further inbox gets it, and it is being taken out of the many that have it.',
      json('RecallReceipt', {
        underWay: { summary: 'Out of many inboxes', value: examples.BEING_RECALLED },
      }),
    ),
    ...problemAnswers(...BEHIND_A_SERVICE, 'invalid_query', 'not_found'),
  },
}

/** What services do with notifications. */
export const NOTIFICATION_PATHS: Record<string, PathItem> = {
  '/v1/notifications': { post: sendNotification },
  '/v1/notifications/batch': { post: sendBatch },
  '/v1/notifications/{id}': { get: getNotification, delete: recallNotification },
  '/v1/notifications/{id}/deliveries': { get: listDeliveries },
}
