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
      expectList(model, world, { user, limit: 100 }),
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
  const told = new Map(
    rows.map(({ user, device, status }) => [`${user} ${device ?? '(none)'}`, status]),
  )
  expectSame(told.size, rows.length, 'one row a device')
  const possible = users.flatMap((user) => {
    const { devices, log } = model.users[user]
    const seq = log.indexOf(id) + 1
    if (devices.size === 0)
      return [{ row: `${world.nameOf(user)} (none)`, statuses: ['pending'] as string[] }]
    return [...devices].map(([name, device]) => {
      return { row: `${world.nameOf(user)} ${name}`, statuses: device.statuses(seq) }
    })
  })
  const names = possible.map(({ row }) => row)
  expectSame([...told.keys()].toSorted(), names.toSorted(), 'rows of deliveries')
  for (const { row, statuses } of possible) {
    const status = told.get(row) ?? ''
    expectTrue(statuses.includes(status), `${row}: ${status}, not ${statuses.join(' or ')}`)
  }
  for (const { status, deliveredAt, seenAt, readAt } of rows) {
    expectSame(deliveredAt !== null, status === 'delivered', 'a time where it was delivered')
    expectSame([seenAt, readAt], [null, null], 'times of what nobody has seen')
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
  const last = connection?.expected.at(-1)
  expectSame(last, { type: 'caught_up', seq: latest }, `the last frame for ${device}`)
  await line.close()
  world.lines.delete(slot)
  model.connections.delete(slot)
}
