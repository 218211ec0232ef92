import * as z from 'zod/mini'

// What the processes of a benchmark say to each other over Node's own channel between parent and child.

/** One notification in one user's log: `[user, seq, id]`. */
const EntrySchema = z.tuple([z.string(), z.int(), z.string()])
export type Entry = z.infer<typeof EntrySchema>

/** To a load process: drive the load for so long, or do what stands before that and is not measured. */
export const LoadCommand = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('run'), milliseconds: z.number() }),
  z.object({ kind: z.literal('prepare') }),
])
export type LoadCommand = z.infer<typeof LoadCommand>

/** From a load process, when it can run: once, and each time that it was told to prepare. */
export const Ready = z.object({ kind: z.literal('ready') })

/** How long one operation took, in milliseconds: the median, and what one in a hundred and in a thousand took longer than. */
const LatencySchema = z.object({ p50Ms: z.number(), p99Ms: z.number(), p999Ms: z.number() })
export type Latency = z.infer<typeof LatencySchema>

/** From a load process, for each run. */
export const RunReport = z.object({
  kind: z.literal('ran'),
  /** Notifications that went all the way which this scenario measures. */
  operations: z.int(),
  milliseconds: z.number(),
  /** Only where the load takes the time of each. */
  latency: z.optional(LatencySchema),
  /** What went wrong, a line each; empty where every answer and every delivery was right. */
  violations: z.array(z.string()),
  /** What was answered with 201. */
  accepted: z.array(EntrySchema),
})
export type RunReport = z.infer<typeof RunReport>

/** From a server process, once, when it takes requests. */
export const Listening = z.object({ kind: z.literal('listening'), url: z.string() })
export type Listening = z.infer<typeof Listening>

/** The argument of a load process, as JSON. */
export const LoadOptions = z.object({
  url: z.string(),
  /** Where the other nodes of a cluster are reached: connections go to all of them in turn. */
  others: z.optional(z.array(z.string())),
  secret: z.string(),
  users: z.int(),
  /** Keep-alive connections that POST, each one request at a time. */
  connections: z.int(),
  /** The users are each so manieth one; every one where undefined. */
  stride: z.optional(z.int()),
})
export type LoadOptions = z.infer<typeof LoadOptions>

/** The same, of a load that POSTs batches. */
export const BatchLoadOptions = z.extend(LoadOptions, { perBatch: z.int() })
export type BatchLoadOptions = z.infer<typeof BatchLoadOptions>

/** The same, of a load that keeps to a time-table. */
export const PacedLoadOptions = z.extend(LoadOptions, { perSecond: z.number() })
export type PacedLoadOptions = z.infer<typeof PacedLoadOptions>

/** The same, of a load whose devices come back. */
export const ReplayLoadOptions = z.extend(LoadOptions, {
  /** Notifications that each device has missed when it does. */
  missed: z.int(),
})
export type ReplayLoadOptions = z.infer<typeof ReplayLoadOptions>

/** The same, of a load that asks for what was in a database before. */
export const FilledLoadOptions = z.extend(LoadOptions, { database: z.string() })
export type FilledLoadOptions = z.infer<typeof FilledLoadOptions>

/** The argument of whatever fills a database, as JSON. */
export const FillOptions = z.object({
  database: z.string(),
  users: z.int(),
  /** Notifications of each of them. */
  each: z.int(),
})
export type FillOptions = z.infer<typeof FillOptions>

/** The argument of a floor that writes to a database of its own, as JSON. */
export const InsertOptions = z.object({
  database: z.string(),
  users: z.int(),
  /** Notifications in one transaction. */
  perBatch: z.int(),
})
export type InsertOptions = z.infer<typeof InsertOptions>

/** The argument of a floor's server process, as JSON. */
export const FloorOptions = z.object({
  secret: z.string(),
  /** A file that is written and synced for each notification, where one is. */
  syncFile: z.optional(z.string()),
  /** A database whose notifications are sent, where one is. */
  database: z.optional(z.string()),
})
export type FloorOptions = z.infer<typeof FloorOptions>

/** What a hostile user does, again and again, as fast as it is let. */
export const Attack = z.enum([
  'connections',
  'devices',
  'topics',
  'marks of 500',
  'bulk marks',
  'lists',
  'commands',
  'slow readers',
  'huge cursors',
])
export type Attack = z.infer<typeof Attack>

/** The argument of a hostile process, as JSON. */
export const AttackOptions = z.object({
  url: z.string(),
  secret: z.string(),
  user: z.string(),
  attack: Attack,
})
export type AttackOptions = z.infer<typeof AttackOptions>

/** From a hostile process, for each run: what it was let do, and what it was refused. */
export const AttackReport = z.object({
  kind: z.literal('attacked'),
  done: z.int(),
  refused: z.int(),
})
export type AttackReport = z.infer<typeof AttackReport>
