import * as z from 'zod/mini'

// What the process that runs a soak and those that are its crowd say to each other.

/** From a number to another, drawn evenly. */
const Range = z.tuple([z.number(), z.number()])

/** The argument of a crowd's process, as JSON. */
export const CrowdOptions = z.object({
  secret: z.string(),
  /** Stands in the name of each of its users: crowds share a service and nothing else. */
  name: z.string(),
  seed: z.int(),
  users: z.int(),
  devices: z.int(),
  /** What is done in a second, requests and commands together. */
  perSecond: z.number(),
  /** How long a connection lasts by its device's will, on average, in milliseconds. */
  dwellMs: z.number(),
  /** How long a reader that has stopped reads nothing, in milliseconds. */
  stallMs: Range,
  /** Of notifications that expire, and of those that are sent ahead, in seconds. */
  ttlSeconds: Range,
  aheadSeconds: Range,
  /** Of tokens that sockets are opened with, in seconds. */
  tokenSeconds: Range,
})
export type CrowdOptions = z.infer<typeof CrowdOptions>

/** To a crowd. */
export const Order = z.discriminatedUnion('kind', [
  /** The service is there, perhaps elsewhere than before. */
  z.object({ kind: z.literal('up'), url: z.string() }),
  z.object({ kind: z.literal('status') }),
  /** Nothing more is sent; every device comes back, and all that was promised is looked for. */
  z.object({ kind: z.literal('settle'), milliseconds: z.number() }),
  /** The service has stopped: what its database says of deliveries is held against what devices had. */
  z.object({ kind: z.literal('audit'), database: z.string() }),
])
export type Order = z.infer<typeof Order>

/** From a crowd, once, when it is connected. */
export const Gathered = z.object({ kind: z.literal('gathered') })

/** To `status`, and with `violations` to `settle` and to `audit`. */
export const Status = z.object({
  kind: z.enum(['status', 'settled', 'audited']),
  /** Connections that are open. */
  sockets: z.int(),
  /** What was done and what came, by what it was. */
  tally: z.record(z.string(), z.number()),
  violations: z.array(z.string()),
})
export type Status = z.infer<typeof Status>
