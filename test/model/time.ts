import type { Model, ModelScheduled } from './model.js'
import { USERS, type UserName } from './names.js'
import { note } from './step.js'
import { within } from './within.js'
import type { World } from './world.js'
import { idOf, type EntryEvent } from './entry-event.js'
import { expectSame, expectTrue } from '../expectations.js'

/** Lets time pass: stops at each moment at which something ends or arrives, and sees it done. */
export async function pass(model: Model, world: World, milliseconds: number): Promise<void> {
  const target = world.host.now + milliseconds
  for (;;) {
    const next = model.nextEvent(target)
    if (next === undefined) break
    model.landAll()
    await world.host.moveTo(next)
    await arriveAt(model, world)
  }
  model.landAll()
  await world.host.moveTo(target)
}

/** What is due by the clock as it stands is done, and done to the model. */
export async function arriveAt(model: Model, world: World): Promise<void> {
  const { now } = world.host
  await Promise.all(USERS.map((user) => expire(model, world, user)))
  for (const scheduled of model.scheduled.filter(({ dueAt }) => dueAt <= now)) {
    await fire(model, world, scheduled)
  }
}

/** Resolves when the log of a user reaches so far, with what came after what the model knows. */
async function reaches(
  model: Model,
  world: World,
  user: UserName,
  latest: number,
): Promise<EntryEvent[]> {
  const reach = async (): Promise<void> => {
    while ((await world.counts(user)).latest < latest) {
      // Asked again.
    }
  }
  await within(reach(), `${latest} in the log of ${user}`)
  const { events } = await world.changes(user, { after: model.latest(user), limit: 100 })
  return events.flatMap((event) => (event.type === 'gap' ? [] : [event]))
}

/** Resolves when retention has taken all that a user had. */
export async function aged(model: Model, world: World, user: UserName): Promise<void> {
  const leave = async (): Promise<void> => {
    while ((await world.deviceCount(user)) > 0) {
      // Asked again.
    }
  }
  await within(leave(), `the end of the devices of ${user}`)
  const last = model.users[user].log.restingAfter(0).at(-1)?.seq
  if (last === undefined) return
  const age = async (): Promise<void> => {
    for (let asked = 1; ; asked++) {
      // A pass that was under way when the clock moved so far looked for what was too old before: the next comes a minute later.
      if (asked % 50 === 0) await world.host.moveTo(world.host.now + 61_000)
      const { events } = await world.changes(user, { after: 0, limit: 1 })
      const [gap] = events
      if (gap?.type === 'gap' && gap.payload.to === last) return
    }
  }
  await within(age(), `the end of all that ${user} had`)
}

/** Resolves when a notification has reached all whom it is for. */
export async function fannedOut(world: World, id: string): Promise<void> {
  const end = async (): Promise<void> => {
    while (['scheduled', 'fanning_out'].includes((await world.overview(id))?.status ?? '')) {
      // Asked again.
    }
  }
  await within(end(), `the end of the fan-out of ${id}`)
}

async function expire(model: Model, world: World, user: UserName): Promise<void> {
  const { log } = model.users[user]
  const expired = log.living.filter(({ expiresAt }) => expiresAt <= world.host.now)
  if (expired.length === 0) return
  const events = await reaches(model, world, user, log.latest + expired.length)
  const waiting = new Map(expired.map((entry) => [entry.id, entry]))
  for (const event of events) {
    const entry = waiting.get(idOf(event))
    expectTrue(entry !== undefined && event.type === 'removed', `${event.type} of what expired`)
    if (!entry) continue
    waiting.delete(entry.id)
    model.remove(user, entry, 'expired')
    expectSame(event.payload.seq, log.latest, 'seq of what expired')
    note('expired')
  }
  expectSame([...waiting.keys()], [], 'expired, and still there')
}

async function fire(model: Model, world: World, scheduled: ModelScheduled): Promise<void> {
  const { id, target, terms, dueAt } = scheduled
  model.scheduled.splice(model.scheduled.indexOf(scheduled), 1)
  const users = model.meant(target)
  const isForMore = target.kind !== 'users'
  const before = new Map(users.map((user) => [user, model.latest(user)]))
  for (const user of users) {
    const events = await reaches(model, world, user, model.latest(user) + 1)
    expectSame(events.map(idOf), [id], `what has come to ${user} at its time`)
  }
  const seqs = model.send(users, id, { terms, now: dueAt, isForMore })
  expectSame(
    seqs,
    users.map((user) => (before.get(user) ?? NaN) + 1),
    'places of what was due',
  )
  if (isForMore) await fannedOut(world, id)
  note(isForMore ? 'fired to many' : 'fired to users')
}
