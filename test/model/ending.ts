import { expectCounts, expectList } from './asking.js'
import { connect } from './connecting.js'
import type { Model } from './model.js'
import { SLOTS, USERS, type UserName } from './names.js'
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
  await Promise.all(
    model.notifications.map(({ id, users }) => expectDeliveries(model, world, id, users)),
  )
  for (const user of USERS) {
    for (const device of model.users[user].devices.keys()) {
      await expectTheRest(model, world, user, device)
    }
  }
}

async function expectDeliveries(
  model: Model,
  world: World,
  id: string,
  users: readonly UserName[],
): Promise<void> {
  const rows = await world.deliveries(id)
  const told = new Map(rows.map((row) => [`${row.user} ${row.device ?? '(none)'}`, row]))
  expectSame(told.size, rows.length, 'one row a device')
  const possible = users.flatMap((user) => {
    const { devices, log } = model.users[user]
    const entry = log.entry(id)
    if (!entry) throw new Error(`the model has no ${id}`)
    const { state } = entry
    if (devices.size === 0)
      return [{ row: `${world.nameOf(user)} (none)`, statuses: ['pending'] as string[], state }]
    return [...devices].map(([name, device]) => {
      return { row: `${world.nameOf(user)} ${name}`, statuses: device.statuses(entry), state }
    })
  })
  const names = possible.map(({ row }) => row)
  expectSame([...told.keys()].toSorted(), names.toSorted(), 'rows of deliveries')
  for (const { row, statuses, state } of possible) {
    const { status = '', deliveredAt, seenAt, readAt } = told.get(row) ?? {}
    expectTrue(statuses.includes(status), `${row}: ${status}, not ${statuses.join(' or ')}`)
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
  const options = { credential: 'header', batch: true, meanwhile: 0 } as const
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
  expectSame(connection?.acknowledgeable, latest, `how far ${device} got`)
  await line.close()
  world.lines.delete(slot)
  model.connections.delete(slot)
}
