import type * as z from 'zod/mini'
import { BatchItem } from '../protocol/batch.js'
import type { SendRequest } from '../protocol/send.js'
import { Deliveries, Overview, Recalled, Receipt, type DeliveryOfUser } from './answers.js'
import { PosthornArgumentError } from './errors.js'
import { json, type Answer } from './exchange.js'
import { itemsOf, PAGE_SIZE } from './pages.js'
import { pathOf } from './path.js'
import type { CallOptions, Transport } from './transport.js'

/** A notification to send. */
export type Sending = z.input<typeof SendRequest>

export interface SendOptions extends CallOptions {
  /**
   * 1–255 printable ASCII characters. Within 24 hours the same key and body are stored once and give the first answer again: a
   * key that comes from what happened (`order-8812-shipped`) keeps a caller that crashed from notifying twice. Without one, each
   * call has a key of its own, which holds over its tries.
   */
  idempotencyKey?: string | undefined
}

export type Sent = Receipt & {
  /** Whether this is the answer of an earlier request with the same key: of another call, or of a try whose answer was lost. */
  replayed: boolean
  idempotencyKey: string
}

/** @throws PosthornArgumentError for what no key can be */
export function keyOf(transport: Transport, given: string | undefined): string {
  if (given === undefined) return transport.newKey()
  if (BatchItem.shape.idempotencyKey.safeParse(given).success) return given
  throw new PosthornArgumentError('an idempotency key is 1–255 printable ASCII characters')
}

/** May be made twice: the key makes one of all its tries. */
export async function send(
  transport: Transport,
  sending: Sending,
  { idempotencyKey, ...options }: SendOptions = {},
): Promise<Sent> {
  const key = keyOf(transport, idempotencyKey)
  const receipt = json(Receipt)
  const read = (answer: Answer): { value: Receipt & { replayed: boolean } } | undefined => {
    const replayed = answer.headers.get('idempotency-replayed') === 'true'
    const parsed = receipt(answer)
    return parsed && { value: { ...parsed.value, replayed } }
  }
  const path = pathOf(['notifications'])
  const body = JSON.stringify(sending)
  const sent = await transport.call(
    { method: 'POST', path, body, idempotencyKey: key, read, repeatable: true },
    options,
  )
  return { ...sent, idempotencyKey: key }
}

/** May be made twice: what is recalled stays so, and answers the same again. */
export async function recall(
  transport: Transport,
  id: string,
  options?: CallOptions,
): Promise<Recalled> {
  const path = pathOf(['notifications', id])
  return transport.call({ method: 'DELETE', path, read: json(Recalled), repeatable: true }, options)
}

export async function status(
  transport: Transport,
  id: string,
  options?: CallOptions,
): Promise<Overview> {
  const path = pathOf(['notifications', id])
  return transport.call({ method: 'GET', path, read: json(Overview), repeatable: true }, options)
}

export function deliveries(
  transport: Transport,
  id: string,
  options?: CallOptions,
): AsyncGenerator<DeliveryOfUser, void, undefined> {
  return itemsOf((page) => {
    const path = pathOf(['notifications', id, 'deliveries'], { limit: PAGE_SIZE, page })
    return transport.call(
      { method: 'GET', path, read: json(Deliveries), repeatable: true },
      options,
    )
  })
}
