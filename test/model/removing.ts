import * as fc from 'fast-check'
import { DEVICES, USERS } from './names.js'
import { step, type Step } from './step.js'
import { expectSame } from '../expectations.js'

/** A device is taken away: its connections end, and one of its name begins anew. */
export const removing: fc.Arbitrary<Step> = fc
  .tuple(
    fc.constantFrom(USERS[0], ...USERS),
    fc.constantFrom(...DEVICES),
    fc.constantFrom('user' as const, 'service' as const),
  )
  .map(([user, device, by]) =>
    step({
      says: `${by === 'user' ? user : 'a service'} removes the ${device} of ${user}`,
      kind: 'remove a device',
      does: async (model, world) => {
        const { devices } = model.users[user]
        const known = devices.get(device)
        const status = await world.removeDevice(user, device, by)
        expectSame(status, known ? 204 : 404, 'status')
        if (!known) return
        for (const [slot, connection] of model.connections) {
          if (connection.user !== user || connection.deviceName !== device) continue
          const line = world.line(slot)
          expectSame(await line.ended(), 4410, 'close code')
          expectSame(line.lastError, 'device_removed', 'error')
          line.hear(connection)
          world.lines.delete(slot)
          model.connections.delete(slot)
        }
        devices.delete(device)
        model.users[user].ended.set(device, known)
      },
    }),
  )
