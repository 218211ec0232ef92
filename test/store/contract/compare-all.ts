import type { InboxFilter, Store } from '../../../src/inbox/store.js'
import type { Delivery } from '../../../src/protocol/deliveries.js'
import { stateOf, type ModelEntry } from './model-log.js'
import type { Model } from './model.js'
import { TYPES } from './operations.js'
import { ALL, contentOf, known, readChanges } from './store-under-test.js'

/** What the store said, beside what the model said, in the same form. */
export interface Said {
  said: unknown
  expected: unknown
}

/** Each way to list an inbox. */
const LISTS = (['inbox', 'unread', 'unseen', 'archived', 'all'] satisfies InboxFilter[]).flatMap(
  (filter) => [undefined, ...TYPES].map((type) => ({ filter, type })),
)

/** All that a store holds of some users, read in small pages, beside all that a model holds of them. */
export async function compareAll(
  store: Store,
  model: Model,
  { names, at }: { names: readonly string[]; at: number },
): Promise<Said> {
  const users = names.filter((name) => model.users.has(name))
  return {
    said: {
      latest: await store.latest(names),
      users: await Promise.all(users.map((name) => heldOf(store, model, { name, at }))),
      notifications: await Promise.all(model.ids.map((id) => becameOf(store, id, at))),
    },
    expected: {
      latest: new Map(users.map((name) => [name, model.log(name).latest])),
      users: users.map((name) => expectedOf(model, { name, at })),
      notifications: model.ids.map((id) => ({
        id,
        overviews: KEPT_MS.map((ms) => model.overview(id, at, at - ms)),
        deliveries: model.deliveries(id, at).toSorted(byName),
      })),
    },
  }
}

/** Whoever asks knows what was accepted in so many milliseconds: in all, in some, in none. */
const KEPT_MS = [Number.MAX_SAFE_INTEGER, 60 * 60 * 1_000, 0]

async function becameOf(store: Store, id: string, at: number): Promise<unknown> {
  const overviews = KEPT_MS.map(async (ms) => {
    const overview = await store.notification({ id, at, keptAfter: at - ms })
    return overview && { status: overview.status, recipients: overview.recipients }
  })
  return {
    id,
    overviews: await Promise.all(overviews),
    deliveries: await rowsOf(store, id, at),
  }
}

async function heldOf(
  store: Store,
  model: Model,
  { name, at }: { name: string; at: number },
): Promise<unknown> {
  const { horizon, unread, unseen } = await store.head(name)
  const cursors: [string, number][] = []
  for (const device of model.log(name).devices.keys()) {
    const command = { user: name, device, start: { kind: 'stored' } as const, at }
    cursors.push([device, (await store.openDevice(command)).cursor])
  }
  const entries = await Promise.all(
    model.ids.map(async (id) => {
      const entry = await store.entry({ user: name, id })
      return entry && { id: contentOf(entry).id, ...stateOf(entry) }
    }),
  )
  const lists = await Promise.all(LISTS.map((list) => listed(store, { user: name, ...list })))
  return {
    name,
    horizon,
    unread,
    unseen,
    cursors,
    log: await logOf(store, name, at),
    entries,
    lists,
  }
}

function expectedOf(model: Model, { name, at }: { name: string; at: number }): unknown {
  const log = model.log(name)
  const cursors = [...log.devices].map(([device, { cursor }]) => [device, cursor])
  const entries = model.ids.map((id) => {
    const entry = log.entry(id)
    return entry && plain(entry)
  })
  return {
    name,
    horizon: log.horizon,
    ...log.counts(),
    cursors,
    log: log.changes({ after: 0, at, limit: Infinity }).entries,
    entries,
    lists: LISTS.map(({ filter, type }) => log.list(filter, type).map(plain)),
  }
}

function plain(entry: ModelEntry): unknown {
  return { id: entry.content.id, ...stateOf(entry) }
}

async function logOf(store: Store, user: string, at: number): Promise<unknown[]> {
  const found: unknown[] = []
  for (let after = 0, more = true; more;) {
    const page = await readChanges(store, { ...ALL, user, at, after, limit: 3 })
    found.push(
      ...page.entries.map((change) =>
        change.kind === 'whole'
          ? { kind: change.kind, id: contentOf(change).id, ...stateOf(change) }
          : change,
      ),
    )
    more = page.through < page.latest && page.through > after
    after = page.through
  }
  return found
}

async function listed(
  store: Store,
  query: { user: string; filter: InboxFilter; type: string | undefined },
): Promise<unknown[]> {
  const found: unknown[] = []
  let before: number | undefined
  do {
    const page = await store.list({ ...query, before, limit: 3 })
    found.push(...page.entries.map((entry) => ({ id: contentOf(entry).id, ...stateOf(entry) })))
    before = page.next
  } while (before !== undefined)
  return found
}

async function rowsOf(store: Store, id: string, at: number): Promise<Delivery[]> {
  const found: Delivery[] = []
  let after: string | undefined
  do {
    const page = await store.deliveries({ ...known(id, at), after, limit: 2 })
    found.push(...(page?.items ?? []))
    after = page?.next
  } while (after)
  return found.toSorted(byName)
}

function byName(a: Delivery, b: Delivery): number {
  return `${a.user} ${a.device}` < `${b.user} ${b.device}` ? -1 : 1
}
