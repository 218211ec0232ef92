import { v7 as uuidv7 } from 'uuid'
import type {
  Change,
  ChangesQuery,
  MarkedStep,
  MarkStep,
  OpenedDevice,
  SendCommand,
  SendOutcome,
  SendTarget,
  ServiceName,
  Store,
} from '../../../src/inbox/store.js'
import type { DeliveriesPage, NotificationQuery } from '../../../src/inbox/stores/deliveries.js'
import { PosthornError } from '../../../src/protocol/errors.js'
import type { MarkAction } from '../../../src/protocol/mark.js'
import { NotificationContent } from '../../../src/protocol/notification.js'
import type { Start } from '../../../src/protocol/socket-query.js'
import { entriesIn } from '../../told-entries.js'

/** A store over data of its own, which goes when the scope ends. */
export interface StoreUnderTest {
  readonly store: Store
  /** Closes the store and opens the same data again. */
  reopen: (bounds?: { inboxLimit: number }) => Promise<Store>
  [Symbol.asyncDispose]: () => Promise<void>
}

/** Opens a store over new, empty data; its inboxes have room for whatever a test stores, unless it says otherwise. */
export type OpenStore = (bounds?: { inboxLimit: number }) => Promise<StoreUnderTest>

/** More entries than a test makes in one inbox. */
export const ROOMY = { inboxLimit: 100_000 }

/** The moment at which tests begin; times go through the store unchanged. */
export const AT = Date.UTC(2026, 10, 22, 10, 0, 0, 123)

/** The service that sends, where a test names no other. */
export const SHOP: ServiceName = { issuer: '', subject: 'shop' }

/** Texts of characters that not every database can hold, all of them different. */
export const AWKWARD = ['\0', '\uFFFE', '\uFFFE0', '\uFFFE1', '\0\uFFFE', '\uFFFE\0', 'a\0', 'a\0b']

/** A page, at the beginning, that has room for whatever a test stores. */
export const ALL = { at: AT, limit: 10_000, maxBytes: 100_000_000 }

/** A notification asked for by one who forgets none. */
export function known(id: string, at = AT): NotificationQuery {
  return { id, at, keptAfter: 0 }
}

export interface SendOptions {
  id?: string
  type?: string
  title?: string
  data?: unknown
  sender?: ServiceName
  at?: number
  /** Whether one user is named as such; by default where there is one. */
  single?: boolean
  expiresAt?: number | undefined
  dueAt?: number | undefined
  collapseKey?: string | undefined
  key?: string | undefined
  fingerprint?: string
}

export const EVERYONE: SendTarget = { kind: 'everyone' }

/** A send to one user, whose receipt tells its `seq`, to several, or to those whom a topic or everyone means. */
export function sendCommand(
  to: string | readonly string[] | SendTarget,
  options: SendOptions = {},
): SendCommand {
  const { id = uuidv7(), sender = SHOP, at = AT, key, fingerprint = 'a fingerprint' } = options
  const { type = 'test', title = null, data = null, single = typeof to === 'string' } = options
  const { expiresAt, dueAt, collapseKey } = options
  const content: NotificationContent = {
    id,
    type,
    title,
    body: null,
    url: null,
    icon: null,
    data,
    priority: 'normal',
    collapseKey: collapseKey ?? null,
    topic: typeof to === 'object' && 'topic' in to ? to.topic : null,
    sender: sender.subject,
    createdAt: new Date(at).toISOString(),
    expiresAt: expiresAt === undefined ? null : new Date(expiresAt).toISOString(),
  }
  return {
    id,
    sender,
    contentJson: JSON.stringify(content),
    createdAt: at,
    dueAt,
    expiresAt,
    collapseKey,
    target: targetOf(to, single),
    idempotency: key === undefined ? undefined : { key, fingerprint },
  }
}

function targetOf(to: string | readonly string[] | SendTarget, single: boolean): SendTarget {
  if (typeof to === 'string') return { kind: 'users', users: [to], single }
  return 'kind' in to ? to : { kind: 'users', users: to, single }
}

export type Accepted = Extract<SendOutcome, { kind: 'accepted' }>

/** Sends, and fails where it is not accepted. */
export async function send(
  store: Store,
  to: string | readonly string[] | SendTarget,
  options: SendOptions = {},
): Promise<Accepted> {
  const outcome = await store.send(sendCommand(to, options))
  if (outcome.kind !== 'accepted') throw new Error(`the send was ${outcome.kind}`)
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

/** Acknowledges in the user's own epoch, and fails where that changes nothing; gives the cursor. */
export async function acknowledge(
  store: Store,
  user: string,
  device: string,
  seq: number,
  at = AT,
): Promise<number> {
  const { epoch } = await store.head(user)
  const outcome = await store.acknowledge({ user, device, epoch, seq, at })
  if (outcome.kind !== 'acknowledged') throw new Error(`the acknowledgement was ${outcome.kind}`)
  return outcome.cursor
}

/** Marks entries by the ids of their notifications, in one step that has room for all. */
export function markIds(
  store: Store,
  user: string,
  action: MarkAction,
  ids: readonly string[],
  at = AT,
): Promise<MarkedStep> {
  const entries = { kind: 'ids' as const, ids }
  return store.mark({ user, action, at, limit: ALL.limit, entries })
}

type UpTo = Extract<MarkStep['entries'], { kind: 'upTo' }>

/** Marks what arrived up to a `seq`, in the user's own epoch where no other is named, and in one step where no limit is. */
export async function markUpTo(
  store: Store,
  user: string,
  action: MarkAction,
  upTo: number,
  options: Partial<Pick<UpTo, 'after' | 'epoch' | 'type'>> & { limit?: number; at?: number } = {},
): Promise<MarkedStep> {
  const { after = 0, type, limit = ALL.limit, at = AT } = options
  const { epoch = (await store.head(user)).epoch } = options
  const entries = { kind: 'upTo' as const, after, upTo, epoch, type }
  return store.mark({ user, action, at, limit, entries })
}

/** The rows of a notification's deliveries as short texts: `alice phone delivered`. */
export async function deliveriesOf(store: Store, id: string, at = AT): Promise<string[]> {
  const page = await deliveriesPage(store, id, at)
  return page.items
    .map(({ user, device, status }) => `${user} ${device ?? '-'} ${status}`)
    .toSorted()
}

/** All deliveries of a notification; fails where it is not known. */
export async function deliveriesPage(store: Store, id: string, at = AT): Promise<DeliveriesPage> {
  const page = await store.deliveries({ ...known(id, at), after: undefined, limit: ALL.limit })
  if (!page) throw new Error('the notification is not known')
  return page
}

/** A page of changes, with what its frames tell. */
export async function readChanges(store: Store, query: ChangesQuery) {
  const { arrays, ...page } = await store.changes(query)
  const told = entriesIn({ arrays })
  const entries = told.map(async (entry): Promise<Change> => {
    if (entry.kind !== 'state') return entry
    const { arrivedSeq } = (await store.entry({ user: query.user, id: entry.id })) ?? {}
    if (arrivedSeq === undefined) throw new Error('a state of an entry that is not there')
    return { ...entry, arrivedSeq }
  })
  return { ...page, entries: await Promise.all(entries) }
}

/** Every `seq` of a user's log. */
export async function seqsOf(store: Store, user: string): Promise<number[]> {
  const { entries } = await readChanges(store, { user, after: 0, ...ALL })
  return entries.map(({ seq }) => seq)
}

/** What holds content: an entry, a change that came whole, a send. */
type Whole = Change | { contentJson: string }

/** The content's own text; fails for a change that came without it. */
export function contentJsonOf(whole: Whole | undefined): string {
  if (!whole || !('contentJson' in whole)) throw new Error('the content did not come')
  return whole.contentJson
}

export function contentOf(whole: Whole | undefined): NotificationContent {
  return NotificationContent.parse(JSON.parse(contentJsonOf(whole)))
}

export function titlesOf(entries: readonly Whole[]): (string | null)[] {
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
