import type * as z from 'zod/mini'
import type {
  SubscriberList,
  SubscribersRequest,
  SubscribersResult,
  TopicList,
} from '../../protocol/topics.js'
import { encodePage } from '../query.js'
import { USER } from './examples.js'

// The shop of the other examples has news, and those who want to hear of them.

export const TOPIC = 'news/eu'
export const SUBSCRIBER = USER

const SINCE = '2026-11-22T10:00:00.123Z'
const SINCE_EARLIER = '2026-11-20T08:30:12.004Z'

export const SUBSCRIBERS_REQUEST = {
  add: [USER, 'u_43'],
  remove: ['u_44'],
} satisfies z.infer<typeof SubscribersRequest>

export const SUBSCRIBERS_RESULT = { added: 1, removed: 1 } satisfies SubscribersResult

export const SUBSCRIBERS_PAGE = encodePage({ after: 1207 })

export const SUBSCRIBERS = {
  items: [
    { user: USER, own: true, subscribedAt: SINCE_EARLIER },
    { user: 'u_43', own: false, subscribedAt: SINCE },
  ],
  nextPage: SUBSCRIBERS_PAGE,
} satisfies SubscriberList

export const TOPICS_PAGE = encodePage({ after: TOPIC })

export const TOPICS = {
  items: [
    { topic: 'maintenance', own: false, subscribedAt: SINCE },
    { topic: TOPIC, own: true, subscribedAt: SINCE_EARLIER },
  ],
  nextPage: null,
} satisfies TopicList
