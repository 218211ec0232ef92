import { Hono, type Context } from 'hono'
import * as z from 'zod/mini'
import { requireDevice } from '../auth/device.js'
import { requireUser } from '../auth/principal.js'
import { changes } from '../inbox/changes.js'
import { notificationFrame } from '../protocol/down/notification.js'
import { PosthornError } from '../protocol/errors.js'
import { DeviceId, Epoch, Seq } from '../protocol/identifiers.js'
import type { InboxCounts } from '../protocol/inbox.js'
import { notificationJson } from '../protocol/notification.js'
import { SeqText } from '../protocol/socket-query.js'
import type { HttpContext, RequestEnvironment } from './environment.js'
import { decodePage, encodePage, Limit, NoQuery, parseQuery } from './query.js'

export const ListQuery = z.strictObject({ limit: Limit, page: z.optional(z.string()) })
export const ListPlace = z.strictObject({ before: Seq })
export const ChangesQuery = z.strictObject({
  after: z._default(SeqText, 0),
  epoch: z.optional(Epoch),
  device: z.optional(DeviceId),
  limit: Limit,
})

/** What users do with their own inbox: `/v1/inbox`. */
export function inboxRoutes(http: HttpContext): Hono<RequestEnvironment> {
  const routes = new Hono<RequestEnvironment>()

  routes.get('/', async (context) => {
    const { user } = requireUser(context.var.principal)
    const { limit, page } = parseQuery(context, ListQuery, ['filter', 'type'])
    const before = decodePage(ListPlace, page)?.before
    const found = await http.store.list({ user, before, limit })
    const { latest, epoch, unread, unseen } = found
    const nextPage = found.next === undefined ? null : encodePage({ before: found.next })
    const items = found.entries.map((entry) => notificationJson(entry, entry.contentJson))
    return answerJson(context, items, 'items', { nextPage, unread, unseen, latest, epoch })
  })

  routes.get('/counts', async (context) => {
    const { user } = requireUser(context.var.principal)
    parseQuery(context, NoQuery)
    const { unread, unseen, latest, epoch } = await http.store.head(user)
    return context.json({ unread, unseen, latest, epoch } satisfies InboxCounts)
  })

  routes.get('/changes', async (context) => {
    const principal = requireUser(context.var.principal)
    const { user } = principal
    const { after, epoch: askedEpoch, device, limit } = parseQuery(context, ChangesQuery)
    if (device !== undefined) requireDevice(principal, device)
    if (askedEpoch === undefined) {
      throw new PosthornError('epoch_required', 'A position is sent together with its epoch.')
    }
    const page = await changes(http, { user, after, epoch: askedEpoch, limit })
    const { latest, epoch, unread, unseen, through: next } = page
    const events = page.entries.map((entry) =>
      notificationFrame(entry, entry.contentJson, 'replayed'),
    )
    return answerJson(context, events, 'events', {
      next,
      caughtUp: next >= latest,
      unread,
      unseen,
      epoch,
    })
  })

  return routes
}

/**
 * An object whose first field is a list of JSON texts, which are joined as they are rather than parsed and written again.
 * Made by the context, which adds the headers that every answer has.
 */
function answerJson(
  context: Context<RequestEnvironment>,
  list: string[],
  name: string,
  rest: Record<string, unknown>,
): Response {
  const text = `{"${name}":[${list.join(',')}],${JSON.stringify(rest).slice(1)}`
  return context.body(text, 200, { 'content-type': 'application/json' })
}
