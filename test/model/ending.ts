import type { Delivery } from '../../src/protocol/deliveries.js'
import { expectCounts, expectList } from './asking.js'
import { connect } from './connecting.js'
import { PLAIN, type Model, type ModelNotification } from './model.js'
import { SLOTS, USERS, type UserName } from './names.js'
import { recall } from './recalling.js'
import { note } from './step.js'
import type { World } from './world.js'
import { expectSame, expectTrue } from '../expectations.js'

/** At the end of a run: deliveries, lists and counts are right, and each device gets what it has not acknowledged. */
export async function expectEnd(model: Model, world: World): Promise<void> {
  await world.end()
  world.lines.clear()
  model.connections.clear()
  await Promise.all(
    USERS.flatMap((user) => [
      expectCounts(model, world, user),
      expectList(model, world, { user, filter: 'all', limit: 100 }),
    ]),
  )
  await Promise.all(model.notifications.map((sent) => expectNotification(model, world, sent)))
  for (const user of USERS) {
    for (const device of model.users[user].devices.keys()) {
      await expectTheRest(model, world, user, device)
    }
  }
  // Nothing of this run is to come when another one lets time pass.
  for (let [next] = model.scheduled; next; [next] = model.scheduled) {
    await recall(model, world, next.id)
  }
}

/** What the service that sent it is told of a notification. */
async function expectNotification(
  model: Model,
  world: World,
  sent: ModelNotification,
): Promise<void> {
  const { id, recipients, isRecalled, isForgotten, expiresAt } = sent
  const [overview, rows] = await Promise.all([world.overview(id), world.deliveries(id)])
  if (isForgotten) {
    // What was for everyone, users of other runs may have still.
    if (!recipients) return
    expectSame([overview, rows], [undefined, undefined], 'what nobody knows of any more')
    return
  }
  if (!overview || !rows) throw new Error(`nobody knows of ${id}`)
  const hasExpired = expiresAt <= world.host.now
  const status = isRecalled ? 'recalled' : hasExpired ? 'expired' : 'stored'
  expectSame(overview.status, status, `status of ${id}`)
  if (recipients) expectSame(overview.recipients, recipients, `recipients of ${id}`)
  expectDeliveries(model, world, sent, rows)
}

function expectDeliveries(
  model: Model,
  world: World,
  { id, users }: ModelNotification,
  all: Delivery[],
): void {
  // What was for everyone has reached the users of other runs too.
  const ours = new Set(USERS.map((user) => world.nameOf(user)))
  const rows = all.filter(({ user }) => ours.has(user))
  const told = new Map(rows.map((row) => [`${row.user} ${row.device ?? '(none)'}`, row]))
  expectSame(told.size, rows.length, 'one row a device')
  const possible = users.flatMap((user) => {
    const { devices, log } = model.users[user]
    const entry = log.entry(id)
    if (!entry) throw new Error(`the model has no ${id}`)
    const { state } = entry
    if (devices.size === 0) {
      const statuses: string[] = [entry.outcome ?? 'pending']
      return [{ row: `${world.nameOf(user)} (none)`, statuses, state }]
    }
    return [...devices].map(([name, device]) => {
      return { row: `${world.nameOf(user)} ${name}`, statuses: device.statuses(entry), state }
    })
  })
  const names = possible.map(({ row }) => row)
  expectSame([...told.keys()].toSorted(), names.toSorted(), 'rows of deliveries')
  for (const { row, statuses, state } of possible) {
    const { status = '', deliveredAt, seenAt, readAt } = told.get(row) ?? {}
    expectTrue(
      statuses.some((may) => may === status),
      `${row}: ${status}, not ${statuses.join(' or ')}`,
    )
    note(`told of as ${status}`)
    expectSame(deliveredAt !== null, status === 'delivered', 'a time where it was delivered')
    const said = [seenAt !== null, readAt !== null]
    expectSame(said, [state.seen, state.read], `whether ${row} says seen and read`)
  }
}

/** A fresh connection, which acknowledges a window at a time, gets everything after the cursor and then has it all. */
async function expectTheRest(
  model: Model,
  world: World,
  user: UserName,
  device: string,
): Promise<void> {
  const [slot] = SLOTS
  const options = { credential: 'header', batch: true, meanwhile: 0, terms: PLAIN } as const
  await connect(model, world, { slot, user, device, start: { kind: 'stored' }, ...options })
  const line = world.line(slot)
  const connection = model.connections.get(slot)
  const latest = model.latest(user)
  for (;;) {
    await world.settle(model)
    const { read } = line
    if (read === 0) break
    const { cursor } = await line.ask({ type: 'ack', payload: { seq: read } })
    model.device(user, device).acknowledged(read, cursor ?? NaN)
    connection?.acknowledge(read)
    if (read === latest) break
  }
  expectSame(connection?.due, undefined, `what is due to ${device}`)
  expectSame(model.device(user, device).copies.ghosts, [], `what ${device} should have dropped`)
  expectSame(connection?.acknowledgeable, latest, `how far ${device} got`)
  await line.close()
  world.lines.delete(slot)
  model.connections.delete(slot)
}
