import { ListQuery } from '../inbox-of.js'
import { ChangesQuery } from '../inbox.js'
import { problemAnswers } from './errors.js'
import * as examples from './examples.js'
import { BEHIND_A_TOKEN, json, success, userOnly } from './operations.js'
import { LIMIT, pageText, queryParameters } from './parameters.js'
import type { Operation, PathItem } from './types.js'

const listInbox: Operation = {
  operationId: 'listInbox',
  tags: ['inbox'],
  summary: 'List the inbox, newest first',
  ...userOnly('`latest` and `epoch` say from where to ask for what changes afterwards.'),
  parameters: queryParameters(ListQuery, {
    filter: {
      description: 'Which entries are listed; without it, all that are not archived.',
      example: 'unread',
    },
    type: { description: 'Only notifications of this type.', example: 'order.shipped' },
    limit: LIMIT,
    page: pageText(examples.INBOX_PAGE),
  }),
  responses: {
    200: success(
      'A page of the inbox.',
      json('InboxList', {
        oneNotification: { summary: 'One notification, not yet seen', value: examples.INBOX_LIST },
      }),
    ),
    ...problemAnswers(...BEHIND_A_TOKEN, 'invalid_query', 'invalid_page'),
  },
}

const getInboxCounts: Operation = {
  operationId: 'getInboxCounts',
  tags: ['inbox'],
  summary: 'Count what is unread and unseen',
  ...userOnly('Counts change in the transaction that changes the inbox: they never drift.'),
  responses: {
    200: success(
      'The counts, and where the log stands.',
      json('InboxCounts', { counts: { summary: 'Three unread', value: examples.INBOX_COUNTS } }),
    ),
    ...problemAnswers(...BEHIND_A_TOKEN, 'invalid_query'),
  },
}

const listInboxChanges: Operation = {
  operationId: 'listInboxChanges',
  tags: ['inbox'],
  summary: 'Read the log after a position',
  ...userOnly(
    "The socket's replay over HTTP: each notification once, in `seq` order, at its latest change. Ask again with " +
      '`after` = `next` until `caughtUp`. Acknowledges nothing.',
  ),
  parameters: queryParameters(ChangesQuery, {
    after: { description: 'The highest `seq` that the caller has.', example: 1080 },
    epoch: {
      description: 'The epoch of `after`; without it, the answer is `epoch_required`.',
      example: examples.EPOCH,
      required: true,
    },
    device: {
      description: 'The device that reads; one that the token does not serve is refused.',
      example: examples.DEVICE,
    },
    limit: { ...LIMIT, description: 'Most events of a page, which may be cut short by its size.' },
  }),
  responses: {
    200: success(
      'A page of the log.',
      json('InboxChanges', {
        caughtUp: { summary: 'The last page', value: examples.INBOX_CHANGES },
      }),
    ),
    ...problemAnswers(
      ...BEHIND_A_TOKEN,
      'invalid_query',
      'epoch_required',
      'device_not_allowed',
      'epoch_mismatch',
    ),
  },
}

/** What users do with their own inbox. */
export const INBOX_PATHS: Record<string, PathItem> = {
  '/v1/inbox': { get: listInbox },
  '/v1/inbox/counts': { get: getInboxCounts },
  '/v1/inbox/changes': { get: listInboxChanges },
}
