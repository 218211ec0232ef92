import { MarkResult, type MarkAction, type MarkPayload } from '../../../src/protocol/mark.js'
import { ask, askUntilAnswered } from './asking.js'
import type { Context } from './context.js'
import { addDevice } from './habits.js'
import type { Marked, Person } from './people.js'
import type { CrowdTopic, Sender } from './sender.js'

const ACTIONS: readonly MarkAction[] = ['seen', 'read', 'read', 'unread', 'archived', 'unarchived']

/** How long a removed device may go on to be connected, in milliseconds. */
const REMOVAL_MS = 10_000

/** What a crowd does beside coming and going, and how often of a hundred times. */
export class Deeds {
  readonly #context: Context
  readonly #people: readonly Person[]
  readonly #topics: readonly CrowdTopic[]
  readonly #sender: Sender
  #removals = 0
  readonly #all: readonly (readonly [share: number, deed: () => Promise<void>])[]

  constructor(
    context: Context,
    crowd: { people: readonly Person[]; topics: readonly CrowdTopic[]; sender: Sender },
  ) {
    this.#context = context
    this.#people = crowd.people
    this.#topics = crowd.topics
    this.#sender = crowd.sender
    const { options } = context
    const some = (count: number): Person[] => this.#some(count)
    const { sender } = crowd
    this.#all = [
      [20, () => sender.send(some(1), {}, true)],
      [20, () => sender.send(some(1), {}, false)],
      [8, () => sender.send(some(1), { collapseKey: this.#collapseKey() }, true)],
      [6, () => sender.send(some(1), { ttlSeconds: context.between(options.ttlSeconds) }, true)],
      [
        3,
        () => sender.send(some(1), { aheadSeconds: context.between(options.aheadSeconds) }, true),
      ],
      [6, () => sender.send(some(5), {}, context.chance(0.5))],
      [3, () => sender.sendBatch(some(10))],
      [3, () => this.#withTopic((topic) => sender.sendToTopic(topic))],
      [1, () => this.#withTopic((topic) => this.#subscribe(topic))],
      [4, () => sender.sendEphemeral(this.#someone())],
      [5, () => sender.recall()],
      [8, () => this.#mark('socket')],
      [6, () => this.#mark('rest')],
      [3, () => this.#markUpTo()],
      [3, () => this.#read()],
      [0.5, () => this.#removeDevice()],
    ]
  }

  /** Does one of them. */
  do(): Promise<void> {
    const total = this.#all.reduce((sum, [share]) => sum + share, 0)
    let left = this.#context.random() * total
    for (const [share, deed] of this.#all) {
      left -= share
      if (left < 0) return deed()
    }
    return Promise.resolve()
  }

  #someone(): Person {
    const person = this.#context.pick(this.#people)
    if (!person) throw new Error('there is nobody')
    return person
  }

  #some(count: number): Person[] {
    return [...new Set(Array.from({ length: count }, () => this.#someone()))]
  }

  #collapseKey(): string {
    return `key-${Math.floor(this.#context.random() * 3)}`
  }

  async #withTopic(act: (topic: CrowdTopic) => Promise<void>): Promise<void> {
    const topic = this.#context.pick(this.#topics.filter(({ isBusy }) => !isBusy))
    if (!topic) return
    topic.isBusy = true
    await act(topic)
    topic.isBusy = false
  }

  #subscribe(topic: CrowdTopic): Promise<void> {
    const leaving = this.#context.pick([...topic.subscribers])
    const coming = this.#some(2).filter((person) => person !== leaving)
    return this.#sender.subscribe(topic, coming, leaving ? [leaving] : [])
  }

  /** Marks some of what a device holds, over its socket or as an application does. */
  async #mark(over: 'socket' | 'rest'): Promise<void> {
    const { random } = this.#context
    const device = this.#context.pick(this.#someone().devices)
    const sendings = new Set(
      [...(device?.holds.keys() ?? [])].filter(() => random() < 0.3).slice(-20),
    )
    const ids = [...sendings].flatMap(({ id }) => id ?? [])
    const action = this.#context.pick(ACTIONS)
    if (!device || !action || ids.length === 0) return
    await this.#marking(
      device.person,
      { action, covers: (sending) => sendings.has(sending) },
      async () => {
        const answer = over === 'socket' ? await device.visit?.mark({ action, ids }) : undefined
        if (answer?.type === 'reply') return
        await this.#markOverRest(device.person, { action, ids })
      },
    )
  }

  async #markUpTo(): Promise<void> {
    const device = this.#context.pick(this.#someone().devices)
    const action = this.#context.pick(['seen', 'read', 'archived'] as const)
    if (!device || !action || device.taken === 0) return
    const { person, taken: upTo } = device
    const covers = (_sending: unknown, arrivedSeq: number): boolean => arrivedSeq <= upTo
    await this.#marking(person, { action, covers }, () =>
      this.#markOverRest(person, { action, upTo }),
    )
  }

  /** One at a time for a user, so that it is known which came last. */
  async #marking(person: Person, marked: Marked, act: () => Promise<void>): Promise<void> {
    if (person.isMarking) return
    person.isMarking = true
    await act()
    person.marks.push(marked)
    person.isMarking = false
    this.#context.oracle.count('marks')
  }

  async #markOverRest({ token, epoch }: Person, mark: MarkPayload): Promise<void> {
    const body = 'upTo' in mark ? { ...mark, epoch } : mark
    const request = { method: 'POST', token, body }
    const { status, json } = await askUntilAnswered(this.#context, '/v1/inbox/mark', request)
    if (status === 200 && MarkResult.safeParse(json).success) return
    this.#context.oracle.complain('marks are taken', `${status}: ${JSON.stringify(json)}`)
  }

  /** Lists, and asks for changes: load, whose answers others check. */
  async #read(): Promise<void> {
    const { token, epoch } = this.#someone()
    const path = this.#context.chance(0.5)
      ? '/v1/inbox?limit=100'
      : `/v1/inbox/changes?after=0&epoch=${epoch}`
    if (epoch === undefined) return
    const answer = await ask(this.#context, path, { token })
    if (!answer || [200, 429, 503].includes(answer.status)) return
    this.#context.oracle.complain('inboxes can be read', `${path}: ${answer.status}`)
  }

  /** Removes a device that is connected: its connection ends, and another device takes its place. */
  async #removeDevice(): Promise<void> {
    const device = this.#someone().devices.find(({ visit }) => visit?.isOpen)
    const visit = device?.visit
    if (!device || !visit) return
    const { person, name } = device
    device.isRemoved = true
    person.devices = person.devices.filter((other) => other !== device)
    const request = { method: 'DELETE', token: person.token }
    const { status } = await askUntilAnswered(this.#context, `/v1/devices/${name}`, request)
    // A service that was killed before it could answer has removed it already.
    if (status !== 204 && status !== 404) {
      this.#context.oracle.complain('devices can be removed', `${device.label}: ${status}`)
    }
    const timer = setTimeout(() => {
      this.#context.oracle.complain('a removed device is sent away', device.label)
      visit.leave(false)
    }, REMOVAL_MS)
    await visit.closed
    clearTimeout(timer)
    this.#context.oracle.count('devices removed')
    this.#removals += 1
    addDevice(this.#context, person, `device-after-${this.#removals}`)
  }
}
