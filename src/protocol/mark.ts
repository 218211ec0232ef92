import * as z from 'zod/mini'
import { PosthornError } from './errors.js'
import { Count, Epoch, NotificationId, NotificationType, Seq } from './identifiers.js'
import { parse } from './violations.js'

/**
 * What a user may say of entries. `read` sets seen, `archived` sets read and seen; `unread` and `unarchived` clear their own
 * time only.
 */
export const MarkAction = z.enum(['seen', 'read', 'unread', 'archived', 'unarchived'])
export type MarkAction = z.infer<typeof MarkAction>

/** Most ids that one mark names. */
export const MAX_IDS_PER_MARK = 500

/** The entries of these notifications; ids that aren't the user's are passed over. */
const ById = {
  action: MarkAction,
  ids: z
    .array(NotificationId)
    .check(
      z.minLength(1, 'names at least one id'),
      z.maxLength(MAX_IDS_PER_MARK, `names at most ${MAX_IDS_PER_MARK} ids`),
    ),
}

/** All that arrived up to a `seq`, wherever they stand now; of one type where it is named. */
const UpTo = { action: MarkAction, upTo: Seq, type: z.optional(NotificationType) }

/** The body of `POST /v1/inbox/mark`. */
export const MarkRequest = z.union([
  z.strictObject(ById),
  // Absent, it is told by an error of its own.
  z.strictObject({ ...UpTo, epoch: z.optional(Epoch) }),
])

/**
 * The payload of `mark` on a socket, whose epoch is that of its welcome. Unknown fields are let by, but not bad `ids` beside
 * an `upTo`: they would turn a mark of a few into one of all.
 */
export const MarkPayload = z.union([
  z.object(ById),
  z.object({ ...UpTo, ids: z.optional(z.never()) }),
])
export type MarkPayload = z.infer<typeof MarkPayload>

/** What to mark, and how. */
export type Mark =
  | { action: MarkAction; ids: string[] }
  | { action: MarkAction; upTo: number; epoch: string; type?: string | undefined }

/** The answer to a mark. */
export const MarkResult = z.object({
  /** Entries that it changed. */
  updated: Count,
  unread: Count,
  unseen: Count,
  /** The highest `seq` of the log. */
  latest: Seq,
})
export type MarkResult = z.infer<typeof MarkResult>

/**
 * Parses the body of a mark.
 * @throws PosthornError `invalid_request`, or `epoch_required` for an `upTo` without its epoch
 */
export function parseMark(body: unknown): Mark {
  const parsed = parse(MarkRequest, body)
  if ('violations' in parsed) {
    throw new PosthornError('invalid_request', 'The body is not a mark.', parsed)
  }
  const mark = parsed.value
  if ('ids' in mark) return mark
  const { epoch } = mark
  if (epoch === undefined) {
    throw new PosthornError('epoch_required', '`upTo` is sent together with its epoch.')
  }
  return { ...mark, epoch }
}
