import type * as z from 'zod/mini'
import { MAX_BATCH_BYTES, type BatchItem } from '../protocol/batch.js'
import { BatchAnswer, type Receipt } from './answers.js'
import { chunksOf } from './chunks.js'
import { PosthornApiError, PosthornArgumentError, PosthornClientError } from './errors.js'
import { json, type Answer } from './exchange.js'
import { keyOf } from './notifications.js'
import { pathOf } from './path.js'
import { isTransient, type Attempt } from './retry.js'
import type { CallOptions, Transport } from './transport.js'

/** A notification to send, with its own idempotency key where the caller has one for it. */
export type SendingOfBatch = z.input<typeof BatchItem>

/** What became of one item: its receipt, or why there is none. */
export type ItemOutcome = { index: number; idempotencyKey: string } & (
  { status: number; notification: Receipt } | { error: PosthornClientError }
)

export interface BatchOutcome {
  succeeded: number
  failed: number
  /** One for each item, in their order. */
  results: ItemOutcome[]
}

/** An item as it is sent: its JSON is written once, the same for each try. */
interface Entry {
  index: number
  key: string
  text: string
}

/** What became of the items of one request; `failure` where it was not answered to its end, by whatever cause. */
interface ChunkOutcome {
  results: ItemOutcome[]
  answered: boolean
  failure: PosthornClientError | undefined
}

/**
 * Sends many: up to 500 in one request, and at most 4 MiB; more go in several, one after the other, in their order. Each item
 * has a key of its own, so a request may be made twice, and those items that met a fault of the service, or too many requests,
 * are sent again by themselves. Where a request fails as a whole, the rest is not sent: each of its items tells that error.
 * @throws PosthornClientError where the service answered for no item at all
 */
export async function sendBatch(
  transport: Transport,
  items: readonly SendingOfBatch[],
  options: CallOptions = {},
): Promise<BatchOutcome> {
  const entries = items.map((item, index): Entry => {
    const key = keyOf(transport, item.idempotencyKey)
    return { index, key, text: JSON.stringify({ ...item, idempotencyKey: key }) }
  })
  const { chunks, oversize } = chunksOf(entries)
  const results = oversize.map((entry) =>
    failed(entry, new PosthornArgumentError(`an item is over ${MAX_BATCH_BYTES} bytes`)),
  )
  let answered = false
  let failure: PosthornClientError | undefined
  for (const chunk of chunks) {
    if (failure) {
      results.push(...allFailed(chunk, failure))
      continue
    }
    const outcome = await sendChunk(transport, chunk, options)
    answered ||= outcome.answered
    failure = outcome.failure
    if (failure && !answered) throw failure
    results.push(...outcome.results)
  }
  const succeeded = results.filter((result) => 'notification' in result).length
  return {
    succeeded,
    failed: results.length - succeeded,
    results: results.toSorted((a, b) => a.index - b.index),
  }
}

async function sendChunk(
  transport: Transport,
  chunk: readonly Entry[],
  options: CallOptions,
): Promise<ChunkOutcome> {
  const known = new Map<number, ItemOutcome>()
  let pending = chunk
  let ofItem: PosthornClientError | undefined
  const once = async (attempt: Attempt): Promise<void> => {
    const outcomes = await ask(transport, pending, attempt, options)
    for (const outcome of outcomes) known.set(outcome.index, outcome)
    const again = outcomes.flatMap((outcome) =>
      'error' in outcome && isTransient(outcome.error) ? [outcome.error] : [],
    )
    pending = pending.filter(({ index }) => {
      const outcome = known.get(index)
      return outcome && 'error' in outcome && isTransient(outcome.error)
    })
    ofItem = again[0]
    if (ofItem) throw ofItem
  }
  let failure: PosthornClientError | undefined
  try {
    await transport.retrying({ ...options, repeatable: true }, once)
  } catch (error) {
    if (!(error instanceof PosthornClientError)) throw error
    // The tries are used up, and each item has its own last answer.
    if (error !== ofItem) failure = error
  }
  const rest = failure
    ? allFailed(
        chunk.filter(({ index }) => !known.has(index)),
        failure,
      )
    : []
  return { results: [...known.values(), ...rest], answered: known.size > 0, failure }
}

/** One request, and what it says of each of its items. */
async function ask(
  transport: Transport,
  entries: readonly Entry[],
  attempt: Attempt,
  options: CallOptions,
): Promise<ItemOutcome[]> {
  const batch = json(BatchAnswer)
  const path = pathOf(['notifications', 'batch'])
  const body = `{"items":[${entries.map(({ text }) => text).join(',')}]}`
  const read = (answer: Answer): { value: ItemOutcome[] } | undefined => {
    const results = batch(answer)?.value.results ?? []
    if (results.length !== entries.length) return undefined
    const value = entries.flatMap(({ index, key }, place): ItemOutcome[] => {
      const result = results[place]
      if (result?.index !== place) return []
      const { status } = result
      const named = { index, idempotencyKey: key }
      if ('notification' in result) return [{ ...named, status, notification: result.notification }]
      const call = { attempts: attempt.number, idempotencyKey: key, status }
      return [{ ...named, error: new PosthornApiError(result.problem, call) }]
    })
    return value.length === entries.length ? { value } : undefined
  }
  return transport.once({ method: 'POST', path, body, read }, attempt, options)
}

function allFailed(entries: readonly Entry[], error: PosthornClientError): ItemOutcome[] {
  return entries.map((entry) => failed(entry, error))
}

function failed({ index, key }: Entry, error: PosthornClientError): ItemOutcome {
  return { index, idempotencyKey: key, error }
}
