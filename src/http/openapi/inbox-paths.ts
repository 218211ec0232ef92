import { ChangesQuery } from '../inbox.js'
import { problemAnswers } from './errors.js'
import * as examples from './examples.js'
import { countsOperation, listOperation, markOperation } from './inbox-operations.js'
import { BEHIND_A_USER, json, requestBody, success, userOnly } from './operations.js'
import { NO_ACKNOWLEDGEMENT, NO_SUCH_DEVICE, PAGE_TOO_LONG } from './particular-errors.js'
import { LIMIT, NOTIFICATION_ID_PARAMETER, queryParameters } from './parameters.js'
import type { Operation, PathItem } from './types.js'

const THEIR_OWN = { tag: 'inbox', allowed: userOnly, parameters: [], errors: BEHIND_A_USER }

const getInboxNotification: Operation = {
  operationId: 'getInboxNotification',
  tags: ['inbox'],
  summary: 'Look up one notification',
  ...userOnly(
    'As the list has it, archived or not. One of another user is answered as one that does not exist.',
  ),
  parameters: [NOTIFICATION_ID_PARAMETER],
  responses: {
    200: success(
      'The notification.',
      json('Notification', { unseen: { summary: 'Not yet seen', value: examples.NOTIFICATION } }),
    ),
    ...problemAnswers(...BEHIND_A_USER, 'invalid_query', 'not_found'),
  },
}

const listInboxChanges: Operation = {
  operationId: 'listInboxChanges',
  tags: ['inbox'],
  summary: 'Read the log after a position',
  ...userOnly(
    "The socket's replay over HTTP: each notification once, in `seq` order, at its latest change. It comes whole, by " +
      '`updated` where `device` has acknowledged its content, or by `removed`. A `gap` comes first where retention has ' +
      'removed some of what came after `after`. Ask again with `after` = `next` until `caughtUp`. ' +
      'Acknowledges nothing, and makes no device.',
  ),
  parameters: queryParameters(ChangesQuery, {
    after: { description: 'The highest `seq` that the caller has.', example: 1080 },
    epoch: {
      description: 'The epoch of `after`; without it, the answer is `epoch_required`.',
      example: examples.EPOCH,
      required: true,
    },
    device: {
      description:
        'The device that reads; one that the token does not serve is refused. Without it, or with an `after` below ' +
        "the device's cursor, all comes whole.",
      example: examples.DEVICE,
    },
    limit: { ...LIMIT, description: 'Most events of a page, which may be cut short by its size.' },
  }),
  responses: {
    200: success(
      'A page of the log.',
      json('InboxChanges', {
        caughtUp: {
          summary: 'The last page: one is new, another was read, a third was recalled',
          value: examples.INBOX_CHANGES,
        },
        afterAGap: {
          summary: 'Retention has removed some of what was missed: list the inbox again',
          value: examples.INBOX_CHANGES_AFTER_A_GAP,
        },
      }),
    ),
    ...problemAnswers(
      ...BEHIND_A_USER,
      PAGE_TOO_LONG,
      'epoch_required',
      'device_not_allowed',
      'epoch_mismatch',
    ),
  },
}

const acknowledge: Operation = {
  operationId: 'acknowledgeInbox',
  tags: ['inbox'],
  summary: 'Acknowledge for a device without a socket',
  ...userOnly(
    'For a push handler, say. Moves the cursor of a device that has opened a socket before, and records the ' +
      'deliveries of what it covers; makes no device.',
  ),
  requestBody: requestBody(
    'Which device has what. Fields that are not known are refused.',
    json('AckRequest', { upToSeq: { summary: 'The phone has it', value: examples.ACK_REQUEST } }),
  ),
  responses: {
    200: success(
      'It is on disk.',
      json('AckResult', { moved: { summary: 'The cursor has moved', value: examples.ACK_RESULT } }),
    ),
    ...problemAnswers(
      ...BEHIND_A_USER,
      'invalid_query',
      'malformed_body',
      'epoch_required',
      'device_not_allowed',
      NO_SUCH_DEVICE,
      'epoch_mismatch',
      'ack_ahead',
      'payload_too_large',
      NO_ACKNOWLEDGEMENT,
    ),
  },
}

/** What users do with their own inbox. */
export const INBOX_PATHS: Record<string, PathItem> = {
  '/v1/inbox': { get: listOperation('listInbox', THEIR_OWN) },
  '/v1/inbox/counts': { get: countsOperation('getInboxCounts', THEIR_OWN) },
  '/v1/inbox/changes': { get: listInboxChanges },
  '/v1/inbox/mark': { post: markOperation('markInbox', THEIR_OWN) },
  '/v1/inbox/ack': { post: acknowledge },
  '/v1/inbox/{id}': { get: getInboxNotification },
}
