import Database from 'better-sqlite3'
import * as z from 'zod/mini'
import type { Context } from './context.js'
import type { Device, Person } from './people.js'

const Row = z.object({ user: z.string(), device: z.string(), id: z.string() })

/**
 * Holds the deliveries that stand in the database, of which the service has let go, against what devices were sent: none is
 * recorded that did not come, and everything that a device holds and has acknowledged is.
 */
export function auditDeliveries(
  { oracle, options }: Context,
  people: readonly Person[],
  path: string,
): void {
  const devices = new Map<string, Device>()
  for (const person of people) {
    for (const device of person.devices) devices.set(`${person.name} ${device.name}`, device)
  }
  const recorded = new Map<Device, Set<string>>()
  const connection = new Database(path, { readonly: true })
  try {
    const rows = connection
      .prepare<[string]>(
        `SELECT users.name AS user, devices.name AS device, notifications.uuid AS id
         FROM deliveries
         JOIN devices ON devices.id = deliveries.device
         JOIN users ON users.id = devices.user
         JOIN notifications ON notifications.id = deliveries.notification
         WHERE users.name GLOB ?`,
      )
      .iterate(`${options.name}-*`)
    for (const row of rows) {
      const { user, device: name, id } = Row.parse(row)
      const device = devices.get(`${user} ${name}`)
      // One that connected once more as it was removed is nobody's.
      if (!device) continue
      const sending = device.person.byId.get(id)
      if (!sending || !device.received.has(sending)) {
        oracle.complain('no delivery is recorded that was none', `${device.label}: ${id}`)
      }
      const ids = recorded.get(device) ?? new Set()
      recorded.set(device, ids.add(id))
      oracle.count('deliveries recorded')
    }
  } finally {
    connection.close()
  }
  for (const device of devices.values()) {
    for (const { id = '' } of device.holds.keys()) {
      if (!recorded.get(device)?.has(id))
        oracle.complain('deliveries are recorded', `${device.label}: ${id}`)
    }
  }
}
