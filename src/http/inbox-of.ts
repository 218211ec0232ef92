import { Hono, type Context } from 'hono'
import { etag } from 'hono/etag'
import * as z from 'zod/mini'
import { NotificationType, Seq } from '../protocol/identifiers.js'
import { InboxFilter, type InboxCounts } from '../protocol/inbox.js'
import { parseMark } from '../protocol/mark.js'
import { notificationJson } from '../protocol/notification.js'
import { limitBody, MAX_REQUEST_BYTES, readJson } from './body.js'
import type { HttpContext, RequestEnvironment } from './environment.js'
import { answerJson } from './json.js'
import { decodePage, encodePage, Limit, NoQuery, parseQuery } from './query.js'

export const ListQuery = z.strictObject({
  filter: z.optional(InboxFilter),
  type: z.optional(NotificationType),
  limit: Limit,
  page: z.optional(z.string()),
})
/** Headers that stay on a 304; a page of another origin could not read one without those of CORS. */
const RETAINED_HEADERS = [
  'x-request-id',
  'cache-control',
  'etag',
  'ratelimit',
  'ratelimit-policy',
  'access-control-allow-origin',
  'access-control-expose-headers',
]

/** A page of large notifications has fewer of them: 1 MiB of content, or one more. */
const MAX_PAGE_BYTES = 1024 * 1024

export const ListPlace = z.strictObject({ before: Seq })

/** What can be done with an inbox by its user, and by services for one: `whose` it is says the request. */
export function inboxOf(
  http: HttpContext,
  whose: (context: Context<RequestEnvironment>) => string,
): Hono<RequestEnvironment> {
  const routes = new Hono<RequestEnvironment>()
  const tagged = etag({ retainedHeaders: RETAINED_HEADERS })

  routes.get('/', tagged, async (context) => {
    const user = whose(context)
    const { filter = 'inbox', type, limit, page } = parseQuery(context, ListQuery)
    const before = decodePage(ListPlace, page)?.before
    const found = await http.store.list({
      user,
      filter,
      type,
      before,
      limit,
      maxBytes: MAX_PAGE_BYTES,
    })
    const { latest, epoch, unread, unseen } = found
    const nextPage = found.next === undefined ? null : encodePage({ before: found.next })
    const items = found.entries.map((entry) => notificationJson(entry, entry.contentJson))
    context.header('cache-control', 'private, no-cache')
    return answerJson(context, items, 'items', { nextPage, unread, unseen, latest, epoch })
  })

  routes.get('/counts', tagged, async (context) => {
    const user = whose(context)
    parseQuery(context, NoQuery)
    const { unread, unseen, latest, epoch } = await http.store.head(user)
    context.header('cache-control', 'private, no-cache')
    return context.json({ unread, unseen, latest, epoch } satisfies InboxCounts)
  })

  routes.post('/mark', async (context) => {
    await limitBody(context, MAX_REQUEST_BYTES)
    const user = whose(context)
    parseQuery(context, NoQuery)
    return context.json(await http.marker.mark(user, parseMark(await readJson(context))))
  })

  return routes
}
