import { DeliveriesQuery } from '../notifications.js'
import { problemAnswers } from './errors.js'
import * as examples from './examples.js'
import { BEHIND_A_TOKEN, json, serviceOnly, success } from './operations.js'
import {
  IDEMPOTENCY_KEY_PARAMETER,
  LIMIT,
  NOTIFICATION_ID_PARAMETER,
  pageText,
  queryParameters,
} from './parameters.js'
import type { Operation, PathItem } from './types.js'

const sendNotification: Operation = {
  operationId: 'sendNotification',
  tags: ['notifications'],
  summary: 'Send a notification',
  ...serviceOnly(
    'posthorn:send',
    'When the answer is 201, the notification stands in the inbox of each of its users, on disk, and reaches every ' +
      'device of theirs at least once. A notification has at most 64 KiB as JSON, a request at most 1 MiB.',
  ),
  parameters: [IDEMPOTENCY_KEY_PARAMETER],
  requestBody: {
    required: true,
    description: 'The notification, and whom it is for. Fields that are not known are refused.',
    content: json('SendRequest', {
      oneUser: { summary: 'To one user', value: examples.SEND_REQUEST },
      severalUsers: { summary: 'To several users', value: examples.SEND_REQUEST_TO_MANY },
    }),
  },
  responses: {
    201: success(
      'It is stored.',
      json('SendReceipt', {
        oneUser: { summary: 'Sent to one user', value: examples.SEND_RECEIPT },
        severalUsers: { summary: 'Sent to several users', value: examples.SEND_RECEIPT_OF_MANY },
      }),
      'Idempotency-Replayed',
    ),
    ...problemAnswers(
      ...BEHIND_A_TOKEN,
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
  requestBody: {
    required: true,
    description: 'The notifications, and whom each is for.',
    content: json('Batch', {
      two: { summary: 'Two users, each with a notification of their own', value: examples.BATCH },
    }),
  },
  responses: {
    200: success(
      'Each item has its result, in their order.',
      json('BatchResult', {
        oneRefused: { summary: 'One stored, one refused', value: examples.BATCH_RESULT },
      }),
    ),
    ...problemAnswers(
      ...BEHIND_A_TOKEN,
      'invalid_query',
      'malformed_body',
      'idempotency_key_in_items',
      'payload_too_large',
      'invalid_request',
    ),
  },
}

const getNotification: Operation = {
  operationId: 'getNotification',
  tags: ['notifications'],
  summary: 'Look up a notification',
  ...serviceOnly('posthorn:read', 'What was sent, and how many users it reached.'),
  parameters: [NOTIFICATION_ID_PARAMETER],
  responses: {
    200: success(
      'The notification.',
      json('NotificationOverview', { stored: { summary: 'Stored', value: examples.OVERVIEW } }),
    ),
    ...problemAnswers(...BEHIND_A_TOKEN, 'invalid_query', 'not_found'),
  },
}

const listDeliveries: Operation = {
  operationId: 'listDeliveries',
  tags: ['notifications'],
  summary: 'List what became of a notification on each device',
  ...serviceOnly(
    'posthorn:read',
    'A row per user and device; a user without a device has one row, whose `device` is null. A delivery may lag ' +
      'behind the truth, and never leads it.',
  ),
  parameters: [
    NOTIFICATION_ID_PARAMETER,
    ...queryParameters(DeliveriesQuery, {
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
      }),
    ),
    ...problemAnswers(...BEHIND_A_TOKEN, 'invalid_query', 'invalid_page', 'not_found'),
  },
}

/** What services do with notifications. */
export const NOTIFICATION_PATHS: Record<string, PathItem> = {
  '/v1/notifications': { post: sendNotification },
  '/v1/notifications/batch': { post: sendBatch },
  '/v1/notifications/{id}': { get: getNotification },
  '/v1/notifications/{id}/deliveries': { get: listDeliveries },
}
