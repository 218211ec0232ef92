import * as z from 'zod/mini'
import { PosthornError, type Violation } from './errors.js'
import { Count, Timestamp, Topic, UserId } from './identifiers.js'
import { MAX_VIOLATIONS, parse } from './violations.js'

/** Most users that one change of a topic's subscribers names, added and removed together. */
const MAX_USERS_PER_CHANGE = 1_000

const Users = z._default(
  z
    .array(UserId)
    .check(z.maxLength(MAX_USERS_PER_CHANGE, `names at most ${MAX_USERS_PER_CHANGE} users`)),
  [],
)

/** The body of `POST /v1/topics/{topic}/subscribers`. */
export const SubscribersRequest = z.strictObject({
  /** Those who are to be subscribed; one who is not known is made. */
  add: Users,
  /** Those who are to be subscribed no more. */
  remove: Users,
})

/** Whom to subscribe, and whose subscriptions to end: each user once, in one of the two. */
export interface SubscribersChange {
  add: string[]
  remove: string[]
}

/** The answer to a change of a topic's subscribers: what was so before does not count. */
export const SubscribersResult = z.object({ added: Count, removed: Count })
export type SubscribersResult = z.infer<typeof SubscribersResult>

const Since = {
  /** Whether the user has subscribed by itself. */
  own: z.boolean(),
  subscribedAt: Timestamp,
}

/** The answer to `GET /v1/topics/{topic}/subscribers`. */
export const SubscriberList = z.object({
  items: z.array(z.object({ user: UserId, ...Since })),
  nextPage: z.nullable(z.string()),
})
export type SubscriberList = z.infer<typeof SubscriberList>

/** The answer to `GET /v1/users/{user}/topics`. */
export const TopicList = z.object({
  items: z.array(z.object({ topic: Topic, ...Since })),
  nextPage: z.nullable(z.string()),
})
export type TopicList = z.infer<typeof TopicList>

/**
 * Parses the body of a change of a topic's subscribers.
 * @throws PosthornError `invalid_request`
 */
export function parseSubscribersRequest(body: unknown): SubscribersChange {
  const parsed = parse(SubscribersRequest, body)
  if ('violations' in parsed) throw refused(parsed)
  const { add, remove } = parsed.value
  const violations = clashes(parsed.value)
  if (violations.length > 0) throw refused({ violations })
  return { add: [...new Set(add)], remove: [...new Set(remove)] }
}

/** What is wrong between the two lists, each of which is right by itself. */
function clashes({ add, remove }: SubscribersChange): Violation[] {
  if (add.length + remove.length > MAX_USERS_PER_CHANGE) {
    const detail = `names at most ${MAX_USERS_PER_CHANGE} users in \`add\` and \`remove\` together`
    return [{ pointer: '', code: 'invalid_value', detail }]
  }
  const added = new Set(add)
  // In which order to do both would be a guess.
  return remove
    .flatMap((user, index): Violation[] => {
      const detail = 'this user is in `add`, too'
      const pointer = `/remove/${index}`
      return added.has(user) ? [{ pointer, code: 'invalid_value', detail }] : []
    })
    .slice(0, MAX_VIOLATIONS)
}

function refused(options: { violations: readonly Violation[] }): PosthornError {
  return new PosthornError('invalid_request', 'The body is not a change of subscribers.', options)
}
