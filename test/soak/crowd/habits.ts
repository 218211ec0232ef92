import type { Context } from './context.js'
import { Device, type Person } from './people.js'
import { Visit, type Manners } from './visit.js'

/** Of all devices, how many are away at any time, and how many of them for much longer than the others. */
const AWAY_PER_DWELL = 0.18
const FAR_SHARE = 0.05
const FAR_PER_DWELL = 5

/** Between two tries to reach a service that is not there, in milliseconds. */
const RETRY_MS = [500, 4_000] as const

/** Gives a person one more device, which comes and goes from then on. */
export function addDevice(context: Context, person: Person, name: string): Device {
  const device = new Device(person, name)
  person.devices.push(device)
  live(context, device).catch((error: unknown) => {
    context.oracle.complain('the crowd itself does not fail', String(error))
  })
  return device
}

/** What a device does as long as it is one: it connects, stays a while, leaves, and comes back. */
async function live(context: Context, device: Device): Promise<void> {
  // They don't come all at once.
  await context.pause(context.random() * context.options.dwellMs)
  while (!device.isRemoved) {
    const visit = new Visit(context, device, await mannersOf(context, device.person))
    device.visit = visit
    const leaving = leaveInTime(context, visit)
    const code = await visit.closed
    clearTimeout(leaving)
    device.visit = undefined
    if (device.isRemoved) return
    const { reconnectAfterMs } = visit
    if (reconnectAfterMs !== undefined) await context.pause(reconnectAfterMs)
    else if (code === 1006 && !visit.isCaughtUp) await waitToRetry(context)
    else await context.pause(awayFor(context))
  }
}

function leaveInTime(context: Context, visit: Visit): NodeJS.Timeout {
  return setTimeout(() => {
    // From then on they stay.
    if (!context.isSettling) visit.leave(context.chance(0.5))
  }, context.about(context.options.dwellMs))
}

/** While all settle there is no other end to the waiting: a service that is gone must not be asked without pause. */
async function waitToRetry(context: Context): Promise<void> {
  const milliseconds = context.between(RETRY_MS)
  if (context.isSettling) await new Promise((resolve) => setTimeout(resolve, milliseconds))
  else await context.pause(milliseconds)
}

function awayFor(context: Context): number {
  const { dwellMs } = context.options
  const share = context.chance(FAR_SHARE) ? FAR_PER_DWELL : AWAY_PER_DWELL
  return context.about(dwellMs * share)
}

async function mannersOf(context: Context, person: Person): Promise<Manners> {
  const { tokenSeconds, stallMs } = context.options
  const renews = context.chance(0.8)
  const stalls = !context.isSettling && context.chance(0.03)
  const isHasty = context.isSettling || context.chance(0.5)
  return {
    token: await context.socketToken(person, context.between(tokenSeconds)),
    renews,
    stallMs: stalls ? context.between(stallMs) : undefined,
    acknowledgesAt: isHasty ? 1 : Math.ceil(context.between([2, 50])),
    acknowledgesAfterMs: context.between([50, 3_000]),
  }
}
