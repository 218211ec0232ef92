import { Hono, type Context } from 'hono'
import * as z from 'zod/mini'
import { requireDevice } from '../auth/device.js'
import { requireUser } from '../auth/principal.js'
import { removeDevice } from '../inbox/devices.js'
import type { DeviceList } from '../protocol/devices.js'
import { PosthornError } from '../protocol/errors.js'
import { DeviceId, Seq } from '../protocol/identifiers.js'
import type { HttpContext, RequestEnvironment } from './environment.js'
import { decodePage, NoQuery, pageAfter, PageQuery, parseQuery } from './query.js'

export const DevicesPlace = z.strictObject({ after: Seq })

/** Whose devices a request means; `device` where its token serves that one alone. */
export interface Owner {
  user: string
  device: string | undefined
}

/** What users do with their own devices: `/v1/devices`. */
export function deviceRoutes(http: HttpContext): Hono<RequestEnvironment> {
  return devicesOf(http, (context) => {
    const principal = requireUser(context.get('principal'))
    const asked = context.req.param('device')
    if (asked !== undefined) requireDevice(principal, asked)
    return principal
  })
}

/** What can be done with devices by their user, and by services: `whose` they are says the request. */
export function devicesOf(
  http: HttpContext,
  whose: (context: Context<RequestEnvironment>) => Owner,
): Hono<RequestEnvironment> {
  const routes = new Hono<RequestEnvironment>()

  routes.get('/', async (context) => {
    const { user, device } = whose(context)
    const { limit, page } = parseQuery(context, PageQuery)
    const after = decodePage(DevicesPlace, page)?.after
    const connections = await http.live.connections(user)
    const online = new Set(connections.map((connection) => connection.device))
    const { items, latest, next } = await http.store.devices({ user, device, after, limit })
    return context.json({
      items: items.map(({ device, cursor, createdAt, lastSeenAt }) => ({
        device,
        cursor,
        latest,
        online: online.has(device),
        createdAt: new Date(createdAt).toISOString(),
        lastSeenAt: new Date(lastSeenAt).toISOString(),
      })),
      nextPage: pageAfter(next),
    } satisfies DeviceList)
  })

  routes.delete('/:device', async (context) => {
    const { user } = whose(context)
    parseQuery(context, NoQuery)
    const device = context.req.param('device')
    if (!DeviceId.safeParse(device).success) {
      throw new PosthornError('not_found', 'There is no such device.')
    }
    await removeDevice(http, { user, device })
    return context.body(null, 204)
  })

  return routes
}
