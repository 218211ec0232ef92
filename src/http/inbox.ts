import { Hono } from 'hono'
import * as z from 'zod/mini'
import { requireDevice } from '../auth/device.js'
import { requireUser } from '../auth/principal.js'
import { changes, gapBefore } from '../inbox/changes.js'
import { parseAck, type AckResult } from '../protocol/ack.js'
import { PosthornError } from '../protocol/errors.js'
import { DeviceId, Epoch, NotificationId } from '../protocol/identifiers.js'
import { notificationJson } from '../protocol/notification.js'
import { SeqText } from '../protocol/socket-query.js'
import { limitBody, MAX_REQUEST_BYTES, readJson } from './body.js'
import type { HttpContext, RequestEnvironment } from './environment.js'
import { inboxOf } from './inbox-of.js'
import { answerJson } from './json.js'
import { Limit, NoQuery, parseQuery } from './query.js'

export const ChangesQuery = z.strictObject({
  after: z._default(SeqText, 0),
  epoch: z.optional(Epoch),
  device: z.optional(DeviceId),
  limit: Limit,
})

const decoder = new TextDecoder()

/** What users do with their own inbox: `/v1/inbox`. */
export function inboxRoutes(http: HttpContext): Hono<RequestEnvironment> {
  const routes = inboxOf(http, (context) => requireUser(context.get('principal')).user)

  routes.get('/changes', async (context) => {
    const principal = requireUser(context.get('principal'))
    const { user } = principal
    const { after, epoch: askedEpoch, device, limit } = parseQuery(context, ChangesQuery)
    if (device !== undefined) requireDevice(principal, device)
    if (askedEpoch === undefined) {
      throw new PosthornError('epoch_required', 'A position is sent together with its epoch.')
    }
    const reader = device === undefined ? undefined : { device, startedAt: after }
    const page = await changes(http, { user, reader, after, epoch: askedEpoch, limit })
    const { latest, epoch, unread, unseen, through: next } = page
    const gap = gapBefore(page, after)
    const events = [
      ...(gap ? [JSON.stringify(gap)] : []),
      // Without the brackets, since all are joined to one list.
      ...page.arrays.map(({ bytes }) => decoder.decode(bytes.subarray(1, -1))),
    ]
    const caughtUp = next >= latest
    return answerJson(context, events, 'events', { next, caughtUp, unread, unseen, epoch })
  })

  routes.post('/ack', async (context) => {
    await limitBody(context, MAX_REQUEST_BYTES)
    const principal = requireUser(context.get('principal'))
    parseQuery(context, NoQuery)
    const { device, seq, epoch } = parseAck(await readJson(context))
    requireDevice(principal, device)
    const { user } = principal
    const outcome = await http.store.acknowledge({ user, device, epoch, seq, at: http.clock() })
    switch (outcome.kind) {
      case 'acknowledged':
        return context.json({ cursor: outcome.cursor } satisfies AckResult)
      case 'unknown_device':
        throw new PosthornError('not_found', 'There is no such device.')
      case 'other_epoch':
        throw new PosthornError('epoch_mismatch', 'The position is of another log.')
      case 'ahead':
        throw new PosthornError('ack_ahead', `The log reaches ${outcome.latest}.`)
    }
  })

  // Only what may be an id, since the names above are not ids: another method there is not allowed, rather than not found.
  routes.get('/:id{[0-9a-f-]+}', async (context) => {
    const { user } = requireUser(context.get('principal'))
    parseQuery(context, NoQuery)
    const id = context.req.param('id')
    const entry = NotificationId.safeParse(id).success
      ? await http.store.entry({ user, id })
      : undefined
    // As what is no id at all is answered: who may not see one learns nothing.
    if (!entry) return context.notFound()
    return context.body(notificationJson(entry, entry.contentJson), 200, {
      'content-type': 'application/json',
    })
  })

  return routes
}
