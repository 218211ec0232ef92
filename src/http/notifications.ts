import { Hono } from 'hono'
import * as z from 'zod/mini'
import { requireReach, requireService } from '../auth/principal.js'
import { recall } from '../inbox/recall.js'
import { send } from '../inbox/send.js'
import { DELIVERIES_PLACE, type NotificationQuery } from '../inbox/stores/deliveries.js'
import { MAX_BATCH_BYTES, parseBatch } from '../protocol/batch.js'
import type { DeliveryList } from '../protocol/deliveries.js'
import { PosthornError } from '../protocol/errors.js'
import { NotificationId } from '../protocol/identifiers.js'
import { parseSendRequest } from '../protocol/send.js'
import { countRequests } from './authenticate.js'
import { sendBatch } from './batch.js'
import { audited, note, noteTarget } from './audit.js'
import { limitBody, MAX_REQUEST_BYTES, readJson } from './body.js'
import type { HttpContext, RequestEnvironment } from './environment.js'
import { parseIdempotencyKey } from './idempotency-key.js'
import { statusOfReceipt } from './receipt-status.js'
import { decodePage, NoQuery, pageAfter, PageQuery, parseQuery } from './query.js'

export const DeliveriesPlace = z.strictObject({
  after: z.string().check(z.regex(DELIVERIES_PLACE)),
})

const BROADCAST = { action: 'notification.broadcast', target: { everyone: true } } as const

/** What services do with notifications: `/v1/notifications`. */
export function notificationRoutes(http: HttpContext): Hono<RequestEnvironment> {
  const routes = new Hono<RequestEnvironment>()

  routes.post('/', async (context) => {
    await limitBody(context, MAX_REQUEST_BYTES)
    const service = requireService(context.get('principal'), 'posthorn:send')
    const { issuer, subject } = service
    parseQuery(context, NoQuery)
    const idempotencyKey = parseIdempotencyKey(context.req.header('idempotency-key'))
    const request = parseSendRequest(await readJson(context), http.clock())
    const isBroadcast = 'everyone' in request.to
    if (isBroadcast) note(context, BROADCAST)
    requireReach(service, request.to)
    const { receipt, replayed } = await send(http, {
      sender: { issuer, subject },
      request,
      idempotencyKey,
      trace: context.get('trace'),
    })
    if (isBroadcast) noteTarget(context, { notification: receipt.id })
    const { total, stored } = receipt.recipients
    http.log.debug(
      { request: context.get('requestId'), notification: receipt.id, total, stored, replayed },
      'notification accepted',
    )
    const headers: Record<string, string> = replayed ? { 'idempotency-replayed': 'true' } : {}
    return context.json(receipt, statusOfReceipt(receipt), headers)
  })

  routes.post('/batch', async (context) => {
    await limitBody(context, MAX_BATCH_BYTES)
    const service = requireService(context.get('principal'), 'posthorn:send')
    parseQuery(context, NoQuery)
    if (context.req.header('idempotency-key') !== undefined) {
      throw new PosthornError(
        'idempotency_key_in_items',
        'Give each item an `idempotencyKey` in place of the header.',
      )
    }
    const items = parseBatch(await readJson(context))
    // Each item is a request, of which the batch itself was counted as one.
    await countRequests(context, http, items.length - 1)
    const requestId = context.get('requestId')
    const trace = context.get('trace')
    const broadcast = (notification: string | undefined, status: number): void =>
      note(context, { ...BROADCAST, target: { everyone: true, notification }, status })
    return context.json(await sendBatch(http, { service, items, requestId, trace, broadcast }))
  })

  routes.get('/:id', async (context) => {
    requireService(context.get('principal'), 'posthorn:read')
    parseQuery(context, NoQuery)
    const notification = await http.store.notification(known(http, context.req.param('id')))
    if (!notification) throw notFound()
    return context.json(notification)
  })

  routes.get('/:id/deliveries', async (context) => {
    requireService(context.get('principal'), 'posthorn:read')
    const { limit, page } = parseQuery(context, PageQuery)
    const found = await http.store.deliveries({
      ...known(http, context.req.param('id')),
      after: decodePage(DeliveriesPlace, page)?.after,
      limit,
    })
    if (!found) throw notFound()
    return context.json({
      items: found.items,
      nextPage: pageAfter(found.next),
    } satisfies DeliveryList)
  })

  routes.delete('/:id', audited('notification.recall'), async (context) => {
    const { issuer, subject } = requireService(context.get('principal'), 'posthorn:send')
    parseQuery(context, NoQuery)
    const id = idOf(context.req.param('id'))
    const { receipt, pending } = await recall(http, { id, sender: { issuer, subject } })
    return context.json(receipt, pending ? 202 : 200)
  })

  return routes
}

/** A notification, and how far back what became of it is told. */
function known({ clock, retentionMs }: HttpContext, id: string): NotificationQuery {
  const at = clock()
  return { id: idOf(id), at, keptAfter: at - retentionMs }
}

function idOf(text: string): string {
  if (!NotificationId.safeParse(text).success) throw notFound()
  return text
}

function notFound(): PosthornError {
  return new PosthornError('not_found', 'There is no such notification.')
}
