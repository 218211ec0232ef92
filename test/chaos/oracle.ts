import { shorten } from '../bench/oracle.js'
import type { Accepted, Connection, Heard, History, LogEntry, UserLog } from './history.js'

/**
 * What is wrong with a run, in words: empty where nothing accepted was lost or stored twice, each log has no hole and counts right,
 * and each device was told everything, in order, nothing twice in one connection, and holds at the end what the log holds.
 */
export function violations(history: History): string[] {
  const { accepted, read, connections, logs } = history
  const byUser = groupedBy(accepted, ({ user }) => user)
  const byDevice = groupedBy(connections, ({ user, device }) => `${user}/${device}`)
  const logOf = new Map(logs.map((log) => [log.user, log]))
  return [
    logs.flatMap((log) => lostOrDoubled(log, byUser.get(log.user) ?? [])),
    logs.flatMap(holes),
    logs.flatMap(miscounted),
    logs.flatMap((log) => unreadAgain(log, read)),
    outOfTurn(accepted),
    connections.flatMap((connection) => misordered(connection)),
    connections.flatMap((connection) => otherEpoch(connection, logOf.get(connection.user))),
    [...byDevice].flatMap(([name, own]) => misheld(name, own, logOf.get(own[0]?.user ?? ''))),
  ].flatMap(shorten)
}

function groupedBy<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
): Map<string, Item[]> {
  const groups = new Map<string, Item[]>()
  for (const item of items) {
    const key = keyOf(item)
    const group = groups.get(key) ?? []
    if (group.length === 0) groups.set(key, group)
    group.push(item)
  }
  return groups
}

function lostOrDoubled({ user, entries }: UserLog, accepted: readonly Accepted[]): string[] {
  const wrong: string[] = []
  const byTitle = groupedBy(entries, ({ title }) => title)
  for (const { key, id, seq } of accepted) {
    const found = byTitle.get(key) ?? []
    const [first] = found
    byTitle.delete(key)
    if (!first) wrong.push(`${user}: ${key} was accepted at ${seq} and is not in the log`)
    else if (found.length > 1) wrong.push(`${user}: ${key} is in the log ${found.length} times`)
    else if (first.id !== id || first.arrivedSeq !== seq) {
      wrong.push(`${user}: ${key} was accepted at ${seq} and stands at ${first.arrivedSeq}`)
    }
  }
  for (const title of byTitle.keys()) wrong.push(`${user}: ${title} was never accepted, or twice`)
  return wrong
}

/** Each `seq` is where an entry arrived or where it stands now, since each moved once at most. */
function holes({ user, latest, entries }: UserLog): string[] {
  const taken = new Set(entries.flatMap(({ seq, arrivedSeq }) => [seq, arrivedSeq]))
  const wrong: string[] = []
  for (let seq = 1; seq <= latest; seq++) {
    if (!taken.has(seq)) wrong.push(`${user}: nothing ever stood at ${seq}`)
  }
  if (taken.size > latest) wrong.push(`${user}: the log goes beyond its latest, ${latest}`)
  return wrong
}

function miscounted({ user, unread, unseen, entries }: UserLog): string[] {
  const counted = entries.filter(({ isRead }) => !isRead).length
  return [
    ...(unread === counted ? [] : [`${user}: ${unread} unread, where ${counted} are`]),
    ...(unseen === counted ? [] : [`${user}: ${unseen} unseen, where ${counted} are`]),
  ]
}

function unreadAgain({ user, entries }: UserLog, read: ReadonlySet<string>): string[] {
  return entries
    .filter(({ id, isRead }) => read.has(id) && !isRead)
    .map(({ id }) => `${user}: ${id} was marked as read and is not`)
}

/** One poster waits for each answer: what it sent later to one user stands later. */
function outOfTurn(accepted: readonly Accepted[]): string[] {
  const last = new Map<string, number>()
  return accepted.flatMap(({ user, poster, key, seq }) => {
    const line = `${poster} to ${user}`
    const before = last.get(line) ?? 0
    last.set(line, seq)
    return seq > before
      ? []
      : [`${user}: ${key} stands at ${seq}, what was sent before at ${before}`]
  })
}

function misordered({ user, device, cursor = 0, heard, strange }: Connection): string[] {
  let before = cursor
  const wrong = heard.flatMap(({ seq }) => {
    const isLater = seq > before
    const after = before
    before = Math.max(before, seq)
    return isLater ? [] : [`${user}/${device}: ${seq} came after ${after} in one connection`]
  })
  return [...wrong, ...strange.map((what) => `${user}/${device}: ${what}`)]
}

function otherEpoch({ user, device, epoch }: Connection, log: UserLog | undefined): string[] {
  if (epoch === undefined || epoch === log?.epoch) return []
  return [`${user}/${device}: was in another life of the log`]
}

/** What a device holds that has done what it was told, against what the log holds. */
function misheld(
  name: string,
  connections: readonly Connection[],
  log: UserLog | undefined,
): string[] {
  const held = new Map<string, Heard>()
  const wrong: string[] = []
  for (const heard of connections.flatMap((connection) => connection.heard)) {
    const before = held.get(heard.id)
    if (heard.type === 'removed') held.delete(heard.id)
    else if (heard.type === 'notification' || before) {
      if (!before || heard.seq > before.seq) held.set(heard.id, heard)
    } else wrong.push(`${name}: heard a change of ${heard.id}, which it had never got`)
  }
  const entries = new Map(log?.entries.map((entry) => [entry.id, entry]))
  for (const entry of entries.values()) wrong.push(...misheldEntry(name, entry, held.get(entry.id)))
  for (const id of held.keys()) {
    if (!entries.has(id)) wrong.push(`${name}: has ${id}, which is not in the log`)
  }
  return wrong
}

function misheldEntry(name: string, entry: LogEntry, held: Heard | undefined): string[] {
  const { seq, id, title, isRead } = entry
  if (!held) return [`${name}: never got ${title} (${id})`]
  if (held.seq === seq && held.isRead === isRead) return []
  return [`${name}: has ${title} at ${held.seq}, the log at ${seq}`]
}
