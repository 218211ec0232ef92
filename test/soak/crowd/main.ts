import { endWithParent, readArgument } from '../../bench/child-side.js'
import { userToken } from '../../bench/tokens.js'
import { CrowdOptions, Order, type Status } from '../messages.js'
import { serviceToken } from './asking.js'
import { auditDeliveries } from './audit.js'
import { Context } from './context.js'
import { Deeds } from './deeds.js'
import { addDevice } from './habits.js'
import { Person } from './people.js'
import { Sender, type CrowdTopic } from './sender.js'
import { expectSettled } from './settling.js'

// A crowd: users with their devices, and the service that sends to them, in a process of its own. It knows what was promised
// to its users, and holds that against what they got.

/** What is under way together at most: a service that is slow is asked less often. */
const MAX_UNDER_WAY = 200

/** How often something is done, in milliseconds. */
const TICK_MS = 20

const SUBSCRIBERS = 20

const options = CrowdOptions.parse(readArgument())
const context = new Context(options, '')
const people: Person[] = []
const underWay = new Set<Promise<void>>()
let ticking: NodeJS.Timeout | undefined

async function gather(): Promise<void> {
  const { secret, name, users, devices } = options
  for (let index = 0; index < users; index++) {
    const user = `${name}-${index}`
    people.push(new Person(user, await userToken(secret, user)))
  }
  for (let index = 0; index < devices; index++) {
    const person = people[index % users]
    if (person) addDevice(context, person, `device-${index}`)
  }
  const sender = new Sender(context, await serviceToken(secret, name))
  const topics = Array.from({ length: Math.ceil(users / 50) }, (_, index): CrowdTopic => {
    return { name: `${name}/${index}`, subscribers: new Set(), isBusy: false }
  })
  for (const topic of topics) {
    const subscribers = Array.from({ length: SUBSCRIBERS }, () => context.pick(people))
    const some = new Set(subscribers.flatMap((person) => person ?? []))
    await sender.subscribe(topic, [...some], [])
  }
  begin(new Deeds(context, { people, topics, sender }))
  process.send?.({ kind: 'gathered' })
}

function begin(deeds: Deeds): void {
  let due = 0
  ticking = setInterval(() => {
    due = Math.min(due + (options.perSecond * TICK_MS) / 1_000, MAX_UNDER_WAY)
    for (; due >= 1 && underWay.size < MAX_UNDER_WAY; due--) {
      const doing = deeds
        .do()
        .catch((error: unknown) =>
          context.oracle.complain('the crowd itself does not fail', String(error)),
        )
        .finally(() => underWay.delete(doing))
      underWay.add(doing)
    }
  }, TICK_MS)
}

async function settle(milliseconds: number): Promise<void> {
  clearInterval(ticking)
  await Promise.all(underWay)
  context.settle()
  // What was sent, and not yet acknowledged, needs no further entry to be so.
  for (const { devices } of people) for (const { visit } of devices) visit?.acknowledge()
  await expectSettled(context, people, milliseconds)
}

function tell(kind: Status['kind']): void {
  const sockets = people.reduce(
    (sum, { devices }) => sum + devices.filter(({ visit }) => visit?.isOpen).length,
    0,
  )
  const { tally, violations } = context.oracle
  process.send?.({ kind, sockets, tally, violations } satisfies Status)
}

async function obey(order: Order): Promise<void> {
  switch (order.kind) {
    case 'up':
      if (context.url === '') {
        context.url = order.url
        await gather()
      } else context.url = order.url
      break
    case 'status':
      tell('status')
      break
    case 'settle':
      await settle(order.milliseconds)
      tell('settled')
      break
    case 'audit':
      auditDeliveries(context, people, order.database)
      tell('audited')
      break
  }
}

endWithParent()
process.on('message', (message) => {
  obey(Order.parse(message)).catch((error: unknown) => {
    console.error(error)
    process.exit(1)
  })
})
