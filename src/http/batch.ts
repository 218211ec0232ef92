import { send } from '../inbox/send.js'
import type { ServiceName } from '../inbox/store.js'
import { parseBatchItem, type BatchResult } from '../protocol/batch.js'
import { ERRORS, isFault } from '../protocol/errors.js'
import { toProblem } from '../protocol/problem.js'
import type { HttpContext } from './environment.js'
import { statusOfReceipt } from './receipt-status.js'
import { toCallerError } from './problems.js'

type ItemResult = BatchResult['results'][number]

/**
 * Sends each item by itself: one that is bad, or can't be stored, harms no other. They are asked of the store in one go, in
 * their order, so that they share its commits.
 */
export async function sendBatch(
  http: HttpContext,
  { sender, items, requestId }: { sender: ServiceName; items: unknown[]; requestId: string },
): Promise<BatchResult> {
  const results = await Promise.all(
    items.map((item, index) => sendItem(http, { sender, item, index, requestId })),
  )
  const succeeded = results.filter((result) => 'notification' in result).length
  return { succeeded, failed: results.length - succeeded, results }
}

async function sendItem(
  http: HttpContext,
  given: { sender: ServiceName; item: unknown; index: number; requestId: string },
): Promise<ItemResult> {
  const { sender, item, index, requestId } = given
  try {
    const { receipt } = await send(http, { sender, ...parseBatchItem(item, http.clock()) })
    return { index, status: statusOfReceipt(receipt), notification: receipt }
  } catch (thrown) {
    const error = toCallerError(thrown)
    if (isFault(error.code)) {
      http.log.error({ request: requestId, index, err: error.cause }, 'item of a batch failed')
    }
    return { index, status: ERRORS[error.code].status, problem: toProblem(error, requestId) }
  }
}
