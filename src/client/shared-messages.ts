import * as z from 'zod/mini'
import { Up } from '../protocol/up/index.js'
import { Frame } from './frames.js'

/** Tabs of other versions, which would say this otherwise, have a group of their own: it is part of the group's name. */
export const SHARED_VERSION = 1

/** Which lead this is: whoever leads later has the higher number. */
const term = z.number()
/** The connection that is meant, by the service's name for it. */
const connection = z.string()
/** The one tab that it is for; all others where it is left out. */
const to = z.optional(z.string())

const WaitingStatus = z.discriminatedUnion('state', [
  z.object({ state: z.literal('connecting'), attempt: z.int() }),
  z.object({
    state: z.literal('waiting'),
    retryAt: z.number(),
    attempt: z.int(),
    why: z.optional(z.object({ code: z.int(), reason: z.string() })),
  }),
])

const FromLeader = z.discriminatedUnion('kind', [
  /** There is no connection. */
  z.object({
    kind: z.literal('waiting'),
    term,
    to,
    status: WaitingStatus,
    /** Whether it is for want of a token, which another tab may have. */
    needsToken: z.boolean(),
  }),
  /** There is one: the welcome, and what came since that the leader has not handled. */
  z.object({ kind: z.literal('connected'), term, to, connection, frames: z.array(Frame) }),
  z.object({ kind: z.literal('frame'), term, connection, frame: Frame }),
  /** All is as the one that asked has it. */
  z.object({ kind: z.literal('here'), term }),
  /** The service has closed it for good, and not for the leader's token alone. */
  z.object({ kind: z.literal('closed'), term, code: z.int(), reason: z.string() }),
])
export type FromLeader = z.infer<typeof FromLeader>

const FromFollower = z.discriminatedUnion('kind', [
  /** How does it stand? With the connection that is known. */
  z.object({ kind: z.literal('ask'), from: z.string(), connection: z.optional(connection) }),
  z.object({ kind: z.literal('command'), connection, id: z.string(), command: Up }),
  /** It may be worth while to look at the connection at once. */
  z.object({ kind: z.literal('wake') }),
])
export type FromFollower = z.infer<typeof FromFollower>

/** What tabs tell each other. */
export const SharedMessage = z.union([FromLeader, FromFollower])
