import { ListQuery } from '../inbox-of.js'
import { problemAnswers, type DocumentedError } from './errors.js'
import * as examples from './examples.js'
import { json, requestBody, success, taggedAnswers } from './operations.js'
import { NO_MARK, PAGE_TOO_LONG } from './particular-errors.js'
import { IF_NONE_MATCH_PARAMETER, LIMIT, pageText, queryParameters } from './parameters.js'
import type { Operation, Parameter } from './types.js'

/** Who does it with whose inbox. */
interface Whose {
  tag: string
  /** Who may, and what is to be known of the operation. */
  allowed: (description: string) => Pick<Operation, 'security' | 'description'>
  /** What the path says of the inbox. */
  parameters: Parameter[]
  /** Errors that come of who asks, and of the path. */
  errors: readonly DocumentedError[]
}

/** `GET …/inbox` */
export function listOperation(operationId: string, whose: Whose): Operation {
  return {
    operationId,
    tags: [whose.tag],
    summary: 'List the inbox, newest first',
    ...whose.allowed(
      'Lists go by `arrivedSeq`, which marks do not change: no page misses or doubles one. `latest` and `epoch` say ' +
        'from where to ask for what changes afterwards.',
    ),
    parameters: [
      ...whose.parameters,
      ...queryParameters(ListQuery, {
        filter: {
          description: 'Which notifications are listed; without it, all that are not archived.',
          example: 'unread',
        },
        type: { description: 'Only notifications of this type.', example: 'order.shipped' },
        limit: LIMIT,
        page: pageText(examples.INBOX_PAGE),
      }),
      IF_NONE_MATCH_PARAMETER,
    ],
    responses: {
      ...taggedAnswers(
        'A page of the inbox.',
        json('InboxList', {
          oneNotification: {
            summary: 'One notification, not yet seen',
            value: examples.INBOX_LIST,
          },
        }),
      ),
      ...problemAnswers(...whose.errors, PAGE_TOO_LONG, 'invalid_page'),
    },
  }
}

/** `GET …/inbox/counts` */
export function countsOperation(operationId: string, whose: Whose): Operation {
  return {
    operationId,
    tags: [whose.tag],
    summary: 'Count what is unread and unseen',
    ...whose.allowed('Counts change in the transaction that changes the inbox: they never drift.'),
    parameters: [...whose.parameters, IF_NONE_MATCH_PARAMETER],
    responses: {
      ...taggedAnswers(
        'The counts, and where the log stands.',
        json('InboxCounts', { counts: { summary: 'Three unread', value: examples.INBOX_COUNTS } }),
      ),
      ...problemAnswers(...whose.errors, 'invalid_query'),
    },
  }
}

/** `POST …/inbox/mark` */
export function markOperation(operationId: string, whose: Whose): Operation {
  return {
    operationId,
    tags: [whose.tag],
    summary: 'Mark as seen, read or archived',
    ...whose.allowed(
      'When it is answered, all is on disk. What changes takes the next `seq` and reaches every device of the user; ' +
        'what does not change takes none. A mark by `upTo` of many is written in steps, with other writes between, ' +
        'and what arrives meanwhile is left alone; at most 5 of them a second for one user.',
    ),
    ...(whose.parameters.length > 0 && { parameters: whose.parameters }),
    requestBody: requestBody(
      'What to mark, and how. Fields that are not known are refused.',
      json('MarkRequest', {
        byIds: { summary: 'One was read', value: examples.MARK_BY_IDS },
        upTo: { summary: 'Archive all of a type that has come', value: examples.MARK_UP_TO },
      }),
    ),
    responses: {
      200: success(
        'It is marked.',
        json('MarkResult', { one: { summary: 'One has changed', value: examples.MARK_RESULT } }),
      ),
      ...problemAnswers(
        ...whose.errors,
        'invalid_query',
        'malformed_body',
        'epoch_required',
        'epoch_mismatch',
        'payload_too_large',
        NO_MARK,
        { code: 'rate_limited', detail: 'At most 5 bulk marks a second for one user.' },
      ),
    },
  }
}
