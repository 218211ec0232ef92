import * as z from 'zod/mini'
import { NotificationId, NotificationType, Seq, Timestamp } from './identifiers.js'

export const Priority = z.enum(['low', 'normal', 'high', 'urgent'])

/** Deepest nesting of `data`: what is deeper is no data for a notification, and a trap for recursive readers. */
const MAX_DATA_DEPTH = 64

/** Any JSON value, nested at most 64 deep, its numbers within those of a double. */
const Data = z
  .unknown()
  .check(
    z.refine(
      (value) => isKeepable(value, MAX_DATA_DEPTH),
      `data is nested at most ${MAX_DATA_DEPTH} deep, its numbers within those of a double`,
    ),
  )

/**
 * http(s), or a path with one `/` not followed by `/` or `\`: what else a browser could follow leaves the
 * site (`//host`) or runs (`javascript:`). Browsers drop tabs and line breaks before they read a URL, so no
 * white space is let in.
 */
const Link = z.string().check(
  z.regex(/^(?:[hH][tT][tT][pP][sS]?:\/\/|\/(?![/\\]))[^\p{Cc}\p{Cs}\s]*$/u, {
    abort: true,
    error: 'must be an http(s) URL, or a path that starts with one /',
  }),
  z.refine(
    (text) => text.startsWith('/') || URL.canParse(text),
    'must be an http(s) URL, or a path that starts with one /',
  ),
)

/** What a service says, as it may be sent; null stands for absent. */
export const ContentInput = {
  type: NotificationType,
  title: z.nullish(z.string()),
  body: z.nullish(z.string()),
  url: z.nullish(Link),
  icon: z.nullish(Link),
  data: z.nullish(Data),
  priority: z.nullish(Priority),
}

/** What never changes of a notification. */
export const NotificationContent = z.object({
  id: NotificationId,
  type: NotificationType,
  title: z.nullable(z.string()),
  body: z.nullable(z.string()),
  url: z.nullable(z.string()),
  icon: z.nullable(z.string()),
  /** Whatever JSON the service gave. */
  data: z.unknown(),
  priority: Priority,
  collapseKey: z.nullable(z.string()),
  topic: z.nullable(z.string()),
  /** The `sub` of the service that sent it. */
  sender: z.string(),
  createdAt: Timestamp,
  expiresAt: z.nullable(Timestamp),
})
export type NotificationContent = z.infer<typeof NotificationContent>

/** A notification as its user sees it everywhere: its content, and where it stands in the user's log. */
export const Notification = z.extend(NotificationContent, {
  /** Where its latest change stands in the log. */
  seq: Seq,
  /** Where its content came; marks don't change it. Lists order by it. */
  arrivedSeq: Seq,
  seenAt: z.nullable(Timestamp),
  readAt: z.nullable(Timestamp),
  archivedAt: z.nullable(Timestamp),
})
export type Notification = z.infer<typeof Notification>

/** The part of a notification that is the user's own; times in milliseconds since 1970. */
export interface EntryState {
  seq: number
  arrivedSeq: number
  seenAt: number | null
  readAt: number | null
  archivedAt: number | null
}

/**
 * The JSON of a notification from its content, which is kept as JSON text, and the user's state of it. One text is
 * joined to another: a body is serialised once, when it is sent, however many users and devices read it.
 */
export function notificationJson(state: EntryState, contentJson: string): string {
  const { seq, arrivedSeq } = state
  return `{"seq":${seq},"arrivedSeq":${arrivedSeq},${stateJson(state)},${contentJson.slice(1)}`
}

/** What the user has said of an entry, as the fields of an object. */
export function stateJson({ seenAt, readAt, archivedAt }: EntryState): string {
  return (
    `"seenAt":${timeJson(seenAt)},"readAt":${timeJson(readAt)}` +
    `,"archivedAt":${timeJson(archivedAt)}`
  )
}

function timeJson(milliseconds: number | null): string {
  return milliseconds === null ? 'null' : `"${new Date(milliseconds).toISOString()}"`
}

/**
 * Whether a value comes back from its JSON as it was: 1e400 is Infinity once it is parsed, and null once it is written.
 * Walks level by level rather than by recursion, which 100,000 brackets would overflow.
 */
function isKeepable(value: unknown, depth: number): boolean {
  let level = [value]
  for (let at = 0; level.length > 0; at++) {
    const next: unknown[] = []
    for (const item of level) {
      if (typeof item === 'number' && !Number.isFinite(item)) return false
      if (!isContainer(item)) continue
      if (at >= depth) return false
      for (const inner of Object.values(item)) next.push(inner)
    }
    level = next
  }
  return true
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
