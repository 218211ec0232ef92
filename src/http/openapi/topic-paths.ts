import { PageQuery } from '../query.js'
import { problemAnswers } from './errors.js'
import {
  BEHIND_A_SERVICE,
  json,
  noContent,
  requestBody,
  serviceOnly,
  success,
} from './operations.js'
import {
  NO_CHANGE_OF_SUBSCRIBERS,
  NO_SUCH_TOPIC,
  NO_SUCH_USER,
  PAGE_TOO_LONG,
} from './particular-errors.js'
import { LIMIT, pageText, queryParameters } from './parameters.js'
import { reference } from './schemas.js'
import * as examples from './topic-examples.js'
import type { Operation, Parameter, PathItem } from './types.js'

const TOPIC_PARAMETER: Parameter = {
  name: 'topic',
  in: 'path',
  required: true,
  description:
    'The topic, percent-encoded (RFC 3986 §2.1): `news%2Feu` names `news/eu`. `.` and `..`, encoded or not, are no ' +
    'part of a path (§5.2.4, and the WHATWG URL standard), so that a topic of this name is not found.',
  schema: { ...reference('Topic') },
  example: examples.TOPIC,
}

const SUBSCRIBER_PARAMETER: Parameter = {
  name: 'user',
  in: 'path',
  required: true,
  description: 'The user, percent-encoded as the topic is, and with the same exceptions.',
  schema: { ...reference('UserId') },
  example: examples.SUBSCRIBER,
}

const subscribeUser: Operation = {
  operationId: 'subscribeUser',
  tags: ['topics'],
  summary: 'Subscribe a user to a topic',
  ...serviceOnly(
    'posthorn:topics',
    'A user who is not known is made. Where the user is subscribed already, by a service or by itself, nothing changes.',
  ),
  parameters: [TOPIC_PARAMETER, SUBSCRIBER_PARAMETER],
  responses: {
    204: noContent('The user is subscribed, on disk.'),
    ...problemAnswers(...BEHIND_A_SERVICE, 'invalid_query', NO_SUCH_TOPIC),
  },
}

const unsubscribeUser: Operation = {
  operationId: 'unsubscribeUser',
  tags: ['topics'],
  summary: 'End the subscription of a user to a topic',
  ...serviceOnly(
    'posthorn:topics',
    'Whoever has made it. What is on its way to the topic does not reach the user any more; what has arrived stays.',
  ),
  parameters: [TOPIC_PARAMETER, SUBSCRIBER_PARAMETER],
  responses: {
    204: noContent('The user is not subscribed, whether it was before or not.'),
    ...problemAnswers(...BEHIND_A_SERVICE, 'invalid_query', NO_SUCH_TOPIC),
  },
}

const changeSubscribers: Operation = {
  operationId: 'changeSubscribers',
  tags: ['topics'],
  summary: 'Subscribe some users to a topic and end the subscriptions of others',
  ...serviceOnly('posthorn:topics', 'All of it at once: where it is refused, nothing has changed.'),
  parameters: [TOPIC_PARAMETER],
  requestBody: requestBody(
    'Whom to add and whom to remove: at most 1,000 users together, none of them in both. Duplicates count once.',
    json('SubscribersRequest', {
      both: { summary: 'Two come and one goes', value: examples.SUBSCRIBERS_REQUEST },
    }),
  ),
  responses: {
    200: success(
      'It is so, on disk.',
      json('SubscribersResult', {
        oneNew: {
          summary: 'One of the two was subscribed before',
          value: examples.SUBSCRIBERS_RESULT,
        },
      }),
    ),
    ...problemAnswers(
      ...BEHIND_A_SERVICE,
      'invalid_query',
      'malformed_body',
      NO_SUCH_TOPIC,
      'payload_too_large',
      NO_CHANGE_OF_SUBSCRIBERS,
    ),
  },
}

const listSubscribers: Operation = {
  operationId: 'listSubscribers',
  tags: ['topics'],
  summary: 'List the subscribers of a topic',
  ...serviceOnly(
    'posthorn:topics',
    'Those first who have been subscribed longest: no page misses or doubles one who stays. A topic of which nobody ' +
      'has heard has none.',
  ),
  parameters: [
    TOPIC_PARAMETER,
    ...queryParameters(PageQuery, {
      limit: LIMIT,
      page: pageText(examples.SUBSCRIBERS_PAGE),
    }),
  ],
  responses: {
    200: success(
      'A page of subscribers.',
      json('SubscriberList', { two: { summary: 'Two users', value: examples.SUBSCRIBERS } }),
    ),
    ...problemAnswers(...BEHIND_A_SERVICE, PAGE_TOO_LONG, 'invalid_page', NO_SUCH_TOPIC),
  },
}

const listUserTopics: Operation = {
  operationId: 'listUserTopics',
  tags: ['topics'],
  summary: 'List the topics of a user',
  ...serviceOnly(
    'posthorn:topics',
    'By the code points of their names. A user of whom nobody has heard has none.',
  ),
  parameters: [
    SUBSCRIBER_PARAMETER,
    ...queryParameters(PageQuery, { limit: LIMIT, page: pageText(examples.TOPICS_PAGE) }),
  ],
  responses: {
    200: success(
      'A page of topics.',
      json('TopicList', { two: { summary: 'Two topics', value: examples.TOPICS } }),
    ),
    ...problemAnswers(...BEHIND_A_SERVICE, PAGE_TOO_LONG, 'invalid_page', NO_SUCH_USER),
  },
}

/** What services do with topics. */
export const TOPIC_PATHS: Record<string, PathItem> = {
  '/v1/topics/{topic}/subscribers': { get: listSubscribers, post: changeSubscribers },
  '/v1/topics/{topic}/subscribers/{user}': { put: subscribeUser, delete: unsubscribeUser },
  '/v1/users/{user}/topics': { get: listUserTopics },
}
