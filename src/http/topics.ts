import { Hono, type Context } from 'hono'
import * as z from 'zod/mini'
import { requireService } from '../auth/principal.js'
import { PosthornError } from '../protocol/errors.js'
import { Seq, Topic } from '../protocol/identifiers.js'
import {
  parseSubscribersRequest,
  type SubscriberList,
  type SubscribersResult,
  type TopicList,
} from '../protocol/topics.js'
import { audited, noteTarget } from './audit.js'
import { limitBody, MAX_REQUEST_BYTES, readJson } from './body.js'
import type { HttpContext, RequestEnvironment } from './environment.js'
import { decodePage, NoQuery, pageAfter, PageQuery, parseQuery } from './query.js'
import { isEncoded, userOf } from './user-of.js'

export const SubscribersPlace = z.strictObject({ after: Seq })
export const TopicsPlace = z.strictObject({ after: Topic })

/** What services do with the subscribers of a topic: `/v1/topics/{topic}`. */
export function topicRoutes(http: HttpContext): Hono<RequestEnvironment> {
  const routes = new Hono<RequestEnvironment>()

  routes.put('/:topic/subscribers/:user', audited('topic.subscribe'), async (context) => {
    const { topic, user } = subscriptionOf(context)
    await http.store.subscribe({ topic, user, own: undefined, at: http.clock() })
    return context.body(null, 204)
  })

  routes.delete('/:topic/subscribers/:user', audited('topic.unsubscribe'), async (context) => {
    const { topic, user } = subscriptionOf(context)
    await http.store.unsubscribe({ topic, user, epoch: undefined })
    return context.body(null, 204)
  })

  const changes = audited('topic.change')
  routes.post('/:topic/subscribers', changes, async (context) => {
    await limitBody(context, MAX_REQUEST_BYTES)
    requireService(context.get('principal'), 'posthorn:topics')
    const topic = topicOf(context)
    parseQuery(context, NoQuery)
    const change = parseSubscribersRequest(await readJson(context))
    noteTarget(context, { added: change.add, removed: change.remove })
    const done = await http.store.changeSubscribers({ topic, ...change, at: http.clock() })
    return context.json(done satisfies SubscribersResult)
  })

  routes.get('/:topic/subscribers', async (context) => {
    requireService(context.get('principal'), 'posthorn:topics')
    const topic = topicOf(context)
    const { limit, page } = parseQuery(context, PageQuery)
    const after = decodePage(SubscribersPlace, page)?.after ?? 0
    const { items, next } = await http.store.subscribers({ topic, after, limit })
    return context.json({
      items: items.map(({ user, own, at }) => ({ user, own, subscribedAt: timestamp(at) })),
      nextPage: pageAfter(next),
    } satisfies SubscriberList)
  })

  return routes
}

/** What services ask of a user's topics: `/v1/users/{user}/topics`. */
export function userTopicRoutes(http: HttpContext): Hono<RequestEnvironment> {
  const routes = new Hono<RequestEnvironment>()
  routes.get('/:user/topics', async (context) => {
    requireService(context.get('principal'), 'posthorn:topics')
    const user = userOf(context.req.param('user'), context.req.path)
    const { limit, page } = parseQuery(context, PageQuery)
    const after = decodePage(TopicsPlace, page)?.after ?? ''
    const { items, next } = await http.store.topics({ user, after, limit })
    return context.json({
      items: items.map(({ topic, own, at }) => ({ topic, own, subscribedAt: timestamp(at) })),
      nextPage: pageAfter(next),
    } satisfies TopicList)
  })
  return routes
}

/** Whose subscription to which topic a path names, for a service that may change it. */
function subscriptionOf(context: Context<RequestEnvironment>): { topic: string; user: string } {
  requireService(context.get('principal'), 'posthorn:topics')
  const topic = topicOf(context)
  const user = userOf(context.req.param('user') ?? '', context.req.path)
  parseQuery(context, NoQuery)
  return { topic, user }
}

/** @throws PosthornError `not_found` where no topic can be so called */
function topicOf({ req }: Context<RequestEnvironment>): string {
  const topic = Topic.safeParse(req.param('topic'))
  if (!isEncoded(req.path) || !topic.success) {
    throw new PosthornError('not_found', 'There is no such topic.')
  }
  return topic.data
}

function timestamp(at: number): string {
  return new Date(at).toISOString()
}
