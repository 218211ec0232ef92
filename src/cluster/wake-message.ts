import * as z from 'zod/mini'
import type { LogMove } from '../inbox/wake.js'
import { Count, Seq } from '../protocol/identifiers.js'
import { BUCKETS, bucketOf } from './buckets.js'

/** Larger content (bytes) is read from the store by those whom it concerns. */
const MAX_CONTENT_BYTES = 2 * 1024

/** Of a group that takes more messages than this the rest is told as buckets. */
const MAX_MESSAGES = 64

const Name = z.string().check(z.minLength(1), z.maxLength(512))
const Moment = z.nullable(z.number())

const Change = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('arrived'),
    /** Which of the contents. */
    content: z.int().check(z.nonnegative()),
    unread: Count,
    unseen: Count,
  }),
  z.object({
    kind: z.literal('moved'),
    id: Name,
    from: Seq,
    state: z.object({
      seq: Seq,
      arrivedSeq: Seq,
      seenAt: Moment,
      readAt: Moment,
      archivedAt: Moment,
    }),
    unread: Count,
    unseen: Count,
  }),
  z.object({
    kind: z.literal('removed'),
    id: Name,
    collapseKey: z.nullable(z.string()),
    reason: z.enum(['recalled', 'expired']),
    unread: Count,
    unseen: Count,
  }),
  z.object({ kind: z.literal('counts') }),
])

const Content = z.object({ json: z.string(), acceptedAt: z.optional(z.number()) })

/** Moves of logs. What one arrival has brought to many users stands in it once. */
export const WakeMessage = z.object({
  contents: z.array(Content),
  moves: z.array(z.object({ user: Name, seq: Seq, change: z.optional(Change) })),
  /** Logs of users in these buckets have moved as well, or may have. */
  buckets: z.array(z.int().check(z.gte(0), z.lt(BUCKETS))),
})
export type WakeMessage = z.infer<typeof WakeMessage>

/** The JSON of messages of at most so many bytes that tell of the moves, in order; as little as fits where it is too much. */
export function* writeMoves(moves: readonly LogMove[], maxBytes: number): Generator<string, void> {
  let writer = new Writer(maxBytes)
  let written = 0
  for (const [index, move] of moves.entries()) {
    if (writer.add(move)) continue
    yield writer.json
    written += 1
    if (written === MAX_MESSAGES) return yield* writeBuckets(moves.slice(index), maxBytes)
    writer = new Writer(maxBytes)
    if (!writer.add(move)) writer.add({ ...move, change: undefined })
  }
  if (!writer.isEmpty) yield writer.json
}

function* writeBuckets(moves: readonly LogMove[], maxBytes: number): Generator<string, void> {
  // Each takes five digits and a comma at most.
  const most = Math.floor((maxBytes - EMPTY_BYTES) / 6)
  const buckets = [...new Set(moves.map(({ user }) => bucketOf(user)))]
  for (let from = 0; from < buckets.length; from += most) {
    yield messageOf([], [], buckets.slice(from, from + most).join(','))
  }
}

/** What a message tells; `undefined` stands for content that only the store has. */
export function readMoves({ contents, moves }: WakeMessage): LogMove[] {
  return moves.map(({ user, seq, change }): LogMove => {
    if (change?.kind !== 'arrived') return { user, seq, change }
    const content = contents[change.content]
    if (!content) return { user, seq, change: undefined }
    const { unread, unseen } = change
    const { json: contentJson, acceptedAt } = content
    return { user, seq, change: { kind: 'arrived', contentJson, acceptedAt, unread, unseen } }
  })
}

/** One message, as it grows. */
class Writer {
  readonly #maxBytes: number
  readonly #contents: string[] = []
  readonly #moves: string[] = []
  /** Where content stands, by its JSON and when it was accepted. */
  readonly #places = new Map<string, number>()
  #bytes = EMPTY_BYTES

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  get isEmpty(): boolean {
    return this.#moves.length === 0
  }

  get json(): string {
    return messageOf(this.#contents, this.#moves, '')
  }

  /** False where there is no room for it. */
  add({ user, seq, change }: LogMove): boolean {
    if (change?.kind !== 'arrived') return this.#put({ user, seq, change })
    const { contentJson, acceptedAt, unread, unseen } = change
    if (Buffer.byteLength(contentJson) > MAX_CONTENT_BYTES) return this.#put({ user, seq })
    const content = JSON.stringify({ json: contentJson, acceptedAt })
    const known = this.#places.get(content)
    const place = known ?? this.#contents.length
    const move = { user, seq, change: { kind: 'arrived', content: place, unread, unseen } }
    return this.#put(move, known === undefined ? content : undefined)
  }

  #put(move: object, content?: string): boolean {
    const json = JSON.stringify(move)
    // Each with its comma.
    const bytes = Buffer.byteLength(json) + 1
    const contentBytes = content === undefined ? 0 : Buffer.byteLength(content) + 1
    if (this.#bytes + bytes + contentBytes > this.#maxBytes) return false
    this.#bytes += bytes + contentBytes
    this.#moves.push(json)
    if (content !== undefined) {
      this.#places.set(content, this.#contents.length)
      this.#contents.push(content)
    }
    return true
  }
}

function messageOf(contents: readonly string[], moves: readonly string[], buckets: string): string {
  return `{"contents":[${contents.join(',')}],"moves":[${moves.join(',')}],"buckets":[${buckets}]}`
}

const EMPTY_BYTES = messageOf([], [], '').length
