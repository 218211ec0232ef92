import { requireReach, type ServicePrincipal } from '../auth/principal.js'
import { send } from '../inbox/send.js'
import { parseBatchItem, type BatchResult } from '../protocol/batch.js'
import { ERRORS, isFault } from '../protocol/errors.js'
import { toProblem } from '../protocol/problem.js'
import type { RequestTrace } from '../telemetry/tracing.js'
import type { HttpContext } from './environment.js'
import { statusOfReceipt } from './receipt-status.js'
import { toCallerError } from './problems.js'

type ItemResult = BatchResult['results'][number]

interface BatchRequest {
  service: ServicePrincipal
  requestId: string
  trace: RequestTrace | undefined
  /** Told of each item for everyone: which notification it became, if any, and with what status. */
  broadcast: (notification: string | undefined, status: number) => void
}

/**
 * Sends each item by itself: one that is bad, or can't be stored, harms no other. They are asked of the store in one go, in
 * their order, so that they share its commits.
 */
export async function sendBatch(
  http: HttpContext,
  request: BatchRequest & { items: readonly unknown[] },
): Promise<BatchResult> {
  const results = await Promise.all(
    request.items.map((item, index) => sendItem(http, { request, item, index })),
  )
  const succeeded = results.filter((result) => 'notification' in result).length
  return { succeeded, failed: results.length - succeeded, results }
}

async function sendItem(
  http: HttpContext,
  { request, item, index }: { request: BatchRequest; item: unknown; index: number },
): Promise<ItemResult> {
  const { service, requestId, trace, broadcast } = request
  let isBroadcast = false
  const { issuer, subject } = service
  try {
    const parsed = parseBatchItem(item, http.clock())
    isBroadcast = 'everyone' in parsed.request.to
    requireReach(service, parsed.request.to)
    const { receipt } = await send(http, {
      sender: { issuer, subject },
      request: parsed.request,
      idempotencyKey: parsed.idempotencyKey,
      trace,
    })
    const status = statusOfReceipt(receipt)
    if (isBroadcast) broadcast(receipt.id, status)
    return { index, status, notification: receipt }
  } catch (thrown) {
    const error = toCallerError(thrown)
    if (isFault(error.code)) {
      http.log.error({ request: requestId, index, err: error.cause }, 'item of a batch failed')
    }
    const { status } = ERRORS[error.code]
    if (isBroadcast) broadcast(undefined, status)
    return { index, status, problem: toProblem(error, requestId) }
  }
}
