import * as z from 'zod/mini'
import { Count, DeviceId, Timestamp, UserId } from './identifiers.js'

// What the console's page and the service say to each other. Both are of one version, so that this is no part of the wire.

/** The query of `GET /console/settings`: the origin of the page that asks. */
export const ConsoleSettingsQuery = z.strictObject({ origin: z.optional(z.string()) })

/** The answer to `GET /console/settings`. */
export const ConsoleSettings = z.object({
  version: z.string(),
  /** Where tokens are minted for the asking. */
  development: z.boolean(),
  /** Whether pages of the origin that asks may open sockets. */
  mayConnect: z.boolean(),
})
export type ConsoleSettings = z.infer<typeof ConsoleSettings>

/** The body of `POST /console/tokens`, in development alone: a token of a user, or of a service that may all that the page does. */
export const ConsoleTokenRequest = z.union([
  z.strictObject({ user: UserId }),
  z.strictObject({ service: z.literal(true) }),
])
export type ConsoleTokenRequest = z.infer<typeof ConsoleTokenRequest>

export const ConsoleToken = z.object({ token: z.string(), expiresAt: Timestamp })
export type ConsoleToken = z.infer<typeof ConsoleToken>

/** The answer to `GET /console/traffic`, for services with `posthorn:users`: what goes on now, and how much has since the start. */
export const ConsoleTraffic = z.object({
  at: Timestamp,
  /** The newest 200 of them, and how many there are. */
  connections: z.array(
    z.object({
      connection: z.string(),
      user: z.string(),
      device: DeviceId,
      connectedAt: Timestamp,
      heardAt: Timestamp,
    }),
  ),
  total: Count,
  /** Since the start. */
  sums: z.object({
    /** Notifications that were accepted. */
    accepted: Count,
    /** Entries handed to sockets, and of those the ones that were replayed. */
    sent: Count,
    replayed: Count,
    /** Entries that an acknowledgement has covered. */
    acknowledged: Count,
  }),
})
export type ConsoleTraffic = z.infer<typeof ConsoleTraffic>
