import * as z from 'zod/mini'
import { PosthornError } from './errors.js'
import { ConnectionId, Count, DeviceId, Timestamp } from './identifiers.js'
import { parse } from './violations.js'

/** A socket that is connected now. */
export const Connection = z.object({
  /** As `welcome` named it. */
  connection: ConnectionId,
  device: DeviceId,
  connectedAt: Timestamp,
  /** When its client last gave a sign of life, be it only the answer to a ping. */
  heardAt: Timestamp,
})
export type Connection = z.infer<typeof Connection>

/** The answer to `GET /v1/users/{user}/connections`, the oldest first. */
export const ConnectionList = z.object({
  items: z.array(Connection),
  nextPage: z.nullable(z.string()),
})
export type ConnectionList = z.infer<typeof ConnectionList>

/** The body of `POST /v1/users/{user}/disconnect`: all of the user's connections, or only what is named. */
export const DisconnectRequest = z.strictObject({
  connection: z.optional(ConnectionId),
  device: z.optional(DeviceId),
  /** Whether the client may come again at once; by default it may. */
  reconnect: z.optional(z.boolean()),
})
export type DisconnectRequest = z.infer<typeof DisconnectRequest>

/** The answer: how many connections were ended. */
export const DisconnectResult = z.object({ closed: Count })
export type DisconnectResult = z.infer<typeof DisconnectResult>

/** @throws PosthornError `invalid_request` */
export function parseDisconnect(body: unknown): DisconnectRequest {
  const parsed = parse(DisconnectRequest, body)
  if ('value' in parsed) return parsed.value
  throw new PosthornError('invalid_request', 'The body does not say what to disconnect.', parsed)
}
