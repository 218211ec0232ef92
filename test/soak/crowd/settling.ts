import { InboxList } from '../../../src/protocol/inbox.js'
import type { Notification } from '../../../src/protocol/notification.js'
import { askUntilAnswered } from './asking.js'
import type { Context } from './context.js'
import type { Device, Held, Person, Sending, State } from './people.js'
import { isSame, stateOf } from './replica.js'

/** Users whose inboxes are looked at together. */
const AT_ONCE = 8

/** Between two looks at the same inbox, in milliseconds. */
const LOOK_MS = 500

/** A list stops short of this: were it full, retention would have taken some, and devices be told of a gap. */
const INBOX_LIMIT = 1_000

interface Inbox {
  items: Notification[]
  unread: number
  unseen: number
  latest: number
}

/**
 * Looks until every inbox is what was sent and marked, and every device holds that and has acknowledged it; complains of
 * what is not so at the deadline.
 */
export async function expectSettled(
  context: Context,
  people: readonly Person[],
  milliseconds: number,
): Promise<void> {
  const deadline = performance.now() + milliseconds
  const left = [...people]
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let person = left.pop(); person; person = left.pop()) {
        await expectPersonSettled(context, person, deadline)
      }
    }),
  )
}

async function expectPersonSettled(
  context: Context,
  person: Person,
  deadline: number,
): Promise<void> {
  for (;;) {
    const faults = compare(context, person, await list(context, person))
    if (faults.length === 0) {
      context.oracle.count('inboxes that are right')
      context.oracle.count('devices that hold all', person.devices.length)
      return
    }
    if (performance.now() > deadline) {
      for (const [rule, how] of faults) context.oracle.complain(rule, how)
      return
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  }
}

async function list(context: Context, { token }: Person): Promise<Inbox> {
  const items: Notification[] = []
  let page: string | null = ''
  let last: Omit<Inbox, 'items'> = { unread: 0, unseen: 0, latest: 0 }
  while (page !== null) {
    const path: string = `/v1/inbox?filter=all&limit=100${page === '' ? '' : `&page=${encodeURIComponent(page)}`}`
    const { json } = await askUntilAnswered(context, path, { token })
    const parsed = InboxList.safeParse(json)
    if (!parsed.success) {
      context.oracle.complain('inboxes can be read', JSON.stringify(json).slice(0, 200))
      break
    }
    items.push(...parsed.data.items)
    last = parsed.data
    page = parsed.data.nextPage
  }
  const { unread, unseen, latest } = last
  return { items, unread, unseen, latest }
}

type Fault = readonly [rule: string, how: string]

function compare(
  { book }: Context,
  person: Person,
  { items, unread, unseen, latest }: Inbox,
): Fault[] {
  const faults: Fault[] = []
  const fault = (rule: string, how: string): void => {
    faults.push([rule, `${person.name}: ${how}`])
  }
  if (items.length >= INBOX_LIMIT) fault('inboxes are not full', 'too few users for so long a run')
  const listed = new Map<Sending, Held>()
  for (const item of items) {
    const sending = book.get(item.title ?? '')
    if (!sending?.to.has(person) || (sending.id ?? item.id) !== item.id || listed.has(sending)) {
      fault('an inbox has what was sent, once', `${item.title} (${item.id})`)
      continue
    }
    const state = stateOf(item)
    listed.set(sending, { seq: item.seq, ...state })
    const expected = markedState(person, sending, item.arrivedSeq)
    if (!isSame({ seq: 0, ...state }, { seq: 0, ...expected })) {
      fault('marks are kept', `${item.title}: ${JSON.stringify([state, expected])}`)
    }
  }
  const newest = newestOfKeys(person)
  for (const sending of person.sendings) {
    const { title, isSure, isRecalled, expiresAt, collapseKey } = sending
    const isReplaced = collapseKey !== null && newest.get(collapseKey) !== sending
    const isOver = isRecalled || isReplaced || expiresAt < Date.now()
    const isListed = listed.has(sending)
    if (isListed && isOver) fault('what is over is gone', title)
    if (!isListed && isSure && !isOver) fault('what was accepted is there', title)
  }
  const states = [...listed.values()].filter(({ archived }) => !archived)
  const counted = {
    unread: states.filter(({ read }) => !read).length,
    unseen: states.filter(({ seen }) => !seen).length,
  }
  if (counted.unread !== unread || counted.unseen !== unseen) {
    fault('counts are right', JSON.stringify([{ unread, unseen }, counted]))
  }
  for (const device of person.devices) faults.push(...compareDevice(device, listed, latest))
  return faults
}

function compareDevice(
  device: Device,
  listed: ReadonlyMap<Sending, Held>,
  latest: number,
): Fault[] {
  const { holds, acknowledged } = device
  const missing = [...listed].filter(([sending]) => !holds.has(sending))
  const stale = [...holds].filter(([sending, held]) => {
    const truth = listed.get(sending)
    return !truth || !isSame(truth, held)
  })
  const faults: Fault[] = []
  if (missing.length > 0) {
    faults.push([
      'every device gets everything',
      `${device.label} lacks ${missing.length}: ${titles(missing)}`,
    ])
  }
  if (stale.length > 0) {
    faults.push([
      'every device has the latest state',
      `${device.label}, ${stale.length}: ${titles(stale)}`,
    ])
  }
  if (acknowledged !== latest) {
    faults.push(['every device catches up', `${device.label} is at ${acknowledged} of ${latest}`])
  }
  return faults
}

/** The first few. */
function titles(pairs: readonly (readonly [Sending, Held])[]): string {
  const some = pairs.slice(0, 3).map(([{ title }, { seq }]) => `${title} at ${seq}`)
  return some.join(', ')
}

/** Of the notifications of one collapse key the last that arrived has its place. */
function newestOfKeys({ sendings }: Person): Map<string, Sending> {
  const newest = new Map<string, Sending>()
  for (const sending of sendings) {
    const { collapseKey, arrivedSeq = 0 } = sending
    if (collapseKey === null) continue
    const { arrivedSeq: before = 0 } = newest.get(collapseKey) ?? {}
    if (arrivedSeq > before) newest.set(collapseKey, sending)
  }
  return newest
}

/** What a user's marks make of an entry, by contract §1. */
function markedState({ marks }: Person, sending: Sending, arrivedSeq: number): State {
  const state: State = { seen: false, read: false, archived: false }
  for (const { action, covers } of marks) {
    if (!covers(sending, arrivedSeq)) continue
    if (action === 'unread') state.read = false
    else if (action === 'unarchived') state.archived = false
    else {
      state.seen = true
      state.read ||= action !== 'seen'
      state.archived ||= action === 'archived'
    }
  }
  return state
}
