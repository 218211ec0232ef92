import { Hono, type Context } from 'hono'
import * as z from 'zod/mini'
import { requireService } from '../auth/principal.js'
import { eraseUser } from '../inbox/erase.js'
import {
  parseDisconnect,
  type ConnectionList,
  type DisconnectResult,
} from '../protocol/connections.js'
import { ConnectionId } from '../protocol/identifiers.js'
import { audited, noteTarget } from './audit.js'
import { limitBody, MAX_REQUEST_BYTES, readJson } from './body.js'
import { devicesOf } from './devices.js'
import type { HttpContext, RequestEnvironment } from './environment.js'
import { decodePage, encodePage, NoQuery, PageQuery, parseQuery } from './query.js'
import { userOf } from './user-of.js'

/** Where the connection has ended meanwhile, its time says where the list goes on. */
export const ConnectionsPlace = z.strictObject({
  connectedAt: z.int(),
  connection: ConnectionId,
})

/** What services do with users, their devices and connections: under `/v1/users`. */
export function peopleRoutes(http: HttpContext): Hono<RequestEnvironment> {
  const routes = new Hono<RequestEnvironment>()
  routes.delete('/:user/devices/:device', audited('device.remove'))
  routes.route(
    '/:user/devices',
    devicesOf(http, (context) => ({ user: whose(context), device: undefined })),
  )

  routes.get('/:user/connections', async (context) => {
    const user = whose(context)
    const { limit, page } = parseQuery(context, PageQuery)
    const after = decodePage(ConnectionsPlace, page)
    const all = (await http.live.connections(user)).toSorted(byAge)
    const left =
      after === undefined ? all : all.filter((connection) => byAge(connection, after) > 0)
    const items = left.slice(0, limit)
    const last = items.at(-1)
    return context.json({
      items: items.map(({ connection, device, connectedAt, heardAt }) => ({
        connection,
        device,
        connectedAt: new Date(connectedAt).toISOString(),
        heardAt: new Date(heardAt).toISOString(),
      })),
      nextPage: left.length > limit && last ? encodePage(placeOf(last)) : null,
    } satisfies ConnectionList)
  })

  const disconnects = audited('user.disconnect')
  routes.post('/:user/disconnect', disconnects, async (context) => {
    await limitBody(context, MAX_REQUEST_BYTES)
    const user = whose(context)
    parseQuery(context, NoQuery)
    const { connection, device, reconnect = true } = parseDisconnect(await readJson(context))
    noteTarget(context, { device, connection })
    const closed = await http.live.end(
      { user, connection, device },
      reconnect
        ? { kind: 'reconnect' }
        : { kind: 'error', code: 'disconnected', detail: 'A service has ended the connection.' },
    )
    return context.json({ closed } satisfies DisconnectResult)
  })

  routes.delete('/:user', audited('user.erase'), async (context) => {
    const user = whose(context)
    parseQuery(context, NoQuery)
    await eraseUser(http, user)
    return context.body(null, 204)
  })

  return routes
}

/** The user whom a service means, where it may. */
function whose(context: Context<RequestEnvironment>): string {
  requireService(context.get('principal'), 'posthorn:users')
  return userOf(context.req.param('user') ?? '', context.req.path)
}

type Place = z.infer<typeof ConnectionsPlace>

function placeOf({ connectedAt, connection }: Place): Place {
  return { connectedAt, connection }
}

function byAge(a: Place, b: Place): number {
  return (
    a.connectedAt - b.connectedAt ||
    (a.connection < b.connection ? -1 : Number(a.connection > b.connection))
  )
}
