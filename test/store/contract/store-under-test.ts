import { v7 as uuidv7 } from 'uuid'
import type {
  Entry,
  OpenedDevice,
  SendCommand,
  SendOutcome,
  ServiceName,
  Store,
} from '../../../src/inbox/store.js'
import { PosthornError } from '../../../src/protocol/errors.js'
import { NotificationContent } from '../../../src/protocol/notification.js'
import type { Start } from '../../../src/protocol/socket-query.js'

/** A store over data of its own, which goes when the scope ends. */
export interface StoreUnderTest {
  readonly store: Store
  /** Closes the store and opens the same data again. */
  reopen: () => Promise<Store>
  [Symbol.asyncDispose]: () => Promise<void>
}

/** Opens a store over new, empty data. */
export type OpenStore = () => Promise<StoreUnderTest>

/** The moment at which tests begin; times go through the store unchanged. */
export const AT = Date.UTC(2026, 10, 22, 10, 0, 0, 123)

const SHOP: ServiceName = { issuer: '', subject: 'shop' }

/** A page that has room for whatever a test stores. */
export const ALL = { limit: 10_000, maxBytes: 100_000_000 }

export interface SendOptions {
  id?: string
  title?: string
  data?: unknown
  sender?: ServiceName
  at?: number
  tellSeq?: boolean
  key?: string | undefined
  fingerprint?: string
}

/** A send to one user, whose receipt tells its `seq`, or to several. */
export function sendCommand(
  to: string | readonly string[],
  options: SendOptions = {},
): SendCommand {
  const { id = uuidv7(), sender = SHOP, at = AT, key, fingerprint = 'a fingerprint' } = options
  const { title = null, data = null, tellSeq = typeof to === 'string' } = options
  const content: NotificationContent = {
    id,
    type: 'test',
    title,
    body: null,
    url: null,
    icon: null,
    data,
    priority: 'normal',
    collapseKey: null,
    topic: null,
    sender: sender.subject,
    createdAt: new Date(at).toISOString(),
    expiresAt: null,
  }
  return {
    id,
    sender,
    contentJson: JSON.stringify(content),
    createdAt: at,
    users: typeof to === 'string' ? [to] : to,
    tellSeq,
    idempotency: key === undefined ? undefined : { key, fingerprint },
  }
}

export type Stored = Extract<SendOutcome, { kind: 'stored' }>

/** Sends, and fails where it is not stored. */
export async function send(
  store: Store,
  to: string | readonly string[],
  options: SendOptions = {},
): Promise<Stored> {
  const outcome = await store.send(sendCommand(to, options))
  if (outcome.kind !== 'stored') throw new Error(`the send was ${outcome.kind}`)
  return outcome
}

/** Sends to one user, one after the other, titled by their number from `from` on; gives their ids. */
export async function sendMany(
  store: Store,
  user: string,
  count: number,
  from = 1,
): Promise<string[]> {
  const ids: string[] = []
  for (const number of numbers(from, from + count - 1)) {
    const { receipt } = await send(store, user, { title: String(number) })
    ids.push(receipt.id)
  }
  return ids
}

export async function openDevice(
  store: Store,
  user: string,
  device: string,
  start: Start = { kind: 'stored' },
  at = AT,
): Promise<OpenedDevice> {
  return store.openDevice({ user, device, start, at })
}

/** Acknowledges in the user's own epoch. */
export async function acknowledge(
  store: Store,
  user: string,
  device: string,
  seq: number,
  at = AT,
): Promise<number> {
  const { epoch } = await store.head(user)
  const { cursor } = await store.acknowledge({ user, device, epoch, seq, at })
  return cursor
}

/** The rows of a notification's deliveries as short texts: `alice phone delivered`. */
export async function deliveriesOf(store: Store, id: string): Promise<string[]> {
  const page = await store.deliveries({ id, after: undefined, limit: ALL.limit })
  if (!page) throw new Error('the notification is not known')
  return page.items
    .map(({ user, device, status }) => `${user} ${device ?? '-'} ${status}`)
    .toSorted()
}

/** Every `seq` of a user's log. */
export async function seqsOf(store: Store, user: string): Promise<number[]> {
  const { entries } = await store.changes({ user, after: 0, ...ALL })
  return entries.map(({ seq }) => seq)
}

export function contentOf({ contentJson }: Pick<Entry, 'contentJson'>): NotificationContent {
  return NotificationContent.parse(JSON.parse(contentJson))
}

export function titlesOf(entries: readonly Entry[]): (string | null)[] {
  return entries.map((entry) => contentOf(entry).title)
}

/** The stable code of an error that a store gave, or what else it is. */
export function codeOf(reason: unknown): string {
  return reason instanceof PosthornError ? reason.code : String(reason)
}

/** The whole numbers from `from` to `to`, both included. */
export function numbers(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index)
}
