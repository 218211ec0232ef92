import * as z from 'zod/mini'
import { PosthornError } from './errors.js'
import { Count } from './identifiers.js'
import { Problem } from './problem.js'
import { parseSendAs, SendReceipt, SendRequest } from './send.js'
import { parse } from './violations.js'

/** Most items of one batch. */
export const MAX_BATCH_ITEMS = 500

/** Largest body of a batch: 4 MiB. */
export const MAX_BATCH_BYTES = 4 * 1024 * 1024

/** A send as it stands in a batch: with its own idempotency key, of the same key space as the header's. */
export const BatchItem = z.extend(SendRequest, {
  idempotencyKey: z.optional(
    z
      .string()
      .check(
        z.regex(/^[\x20-\x7e]{1,255}$/, 'an idempotency key is 1–255 printable ASCII characters'),
      ),
  ),
})

const MIN_ITEMS = z.minLength(1, 'names at least one item')
const MAX_ITEMS = z.maxLength(MAX_BATCH_ITEMS, `names at most ${MAX_BATCH_ITEMS} items`)

/** The body of `POST /v1/notifications/batch`, as callers write it. */
export const Batch = z.strictObject({ items: z.array(BatchItem).check(MIN_ITEMS, MAX_ITEMS) })

/** The same, its items not looked at yet: what is wrong with one is the answer to that one alone. */
const BatchOfUnknown = z.strictObject({ items: z.array(z.unknown()).check(MIN_ITEMS, MAX_ITEMS) })

/** What became of an item that was taken. */
export const AcceptedItem = z.object({ index: Count, status: z.int(), notification: SendReceipt })

/** What became of an item that was refused, or failed. */
export const RefusedItem = z.object({ index: Count, status: z.int(), problem: Problem })

/** The answer to a batch: a result for each item, in their order. */
export const BatchResult = z.object({
  succeeded: Count,
  failed: Count,
  results: z.array(z.union([AcceptedItem, RefusedItem])),
})
export type BatchResult = z.infer<typeof BatchResult>

/**
 * Parses a batch as far as all items have it in common.
 * @throws PosthornError `invalid_request`
 */
export function parseBatch(body: unknown): unknown[] {
  const parsed = parse(BatchOfUnknown, body)
  if ('value' in parsed) return parsed.value.items
  throw new PosthornError('invalid_request', 'The body is not a batch.', parsed)
}

/**
 * Parses one item of a batch.
 * @throws PosthornError as `parseSendRequest`
 */
export function parseBatchItem(
  item: unknown,
  now: number,
): {
  request: SendRequest
  idempotencyKey: string | undefined
} {
  const parsed = parseSendAs(BatchItem, item, now)
  // Left empty rather than taken out, which makes an object of another kind: it costs each item 3 µs (`batch`).
  const request = { ...parsed, idempotencyKey: undefined }
  return { request, idempotencyKey: parsed.idempotencyKey }
}
