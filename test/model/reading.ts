import * as fc from 'fast-check'
import type { ModelConnection } from './connection.js'
import type { Model } from './model.js'
import { SLOTS, type Slot } from './names.js'
import { step, type Step } from './step.js'
import type { World } from './world.js'
import { expectSame } from '../expectations.js'

const slot = fc.constantFrom(...SLOTS)

/** Bad frames of one connection within a minute; the tenth would close it. */
const MAX_BAD_FRAMES = 9

function isReading(model: Readonly<Model>, slot: Slot): boolean {
  return model.connections.get(slot)?.paused === false
}

function connectionOf(model: Model, slot: Slot): ModelConnection {
  const connection = model.connections.get(slot)
  if (!connection) throw new Error(`the model has no connection ${slot}`)
  return connection
}

/** The `seq` that a client acknowledges which leaves out the last `back` of what it has read. */
function acknowledged(world: World, slot: Slot, back: number): number {
  return Math.max(0, world.line(slot).read - back)
}

const back = fc.nat({ max: 3 })

const acknowledge: fc.Arbitrary<Step> = fc.tuple(slot, back).map(([slot, back]) =>
  step({
    says: `${slot} acknowledges all but ${back} of what it has read`,
    kind: 'acknowledge',
    when: (model) => isReading(model, slot),
    does: async (model, world) => {
      const connection = connectionOf(model, slot)
      const seq = acknowledged(world, slot, back)
      const { cursor, code } = await world.line(slot).ask({ type: 'ack', payload: { seq } })
      expectSame(code, undefined, 'error')
      model.device(connection.user, connection.deviceName).acknowledged(seq, cursor ?? NaN)
      connection.acknowledge(seq)
    },
  }),
)

/** Also by a client that reads nothing, and then perhaps goes: nobody can tell what became of it. */
const acknowledgeUnheard: fc.Arbitrary<Step> = fc.tuple(slot, back).map(([slot, back]) =>
  step({
    says: `${slot} acknowledges all but ${back} of what it has read, without an id`,
    kind: 'acknowledge without an id',
    when: (model) => model.connections.has(slot),
    does: async (model, world) => {
      const connection = connectionOf(model, slot)
      const seq = acknowledged(world, slot, back)
      world.line(slot).tell({ type: 'ack', payload: { seq } })
      model.device(connection.user, connection.deviceName).acknowledging(seq)
      connection.acknowledge(seq)
      await Promise.resolve()
    },
  }),
)

const acknowledgeAhead: fc.Arbitrary<Step> = fc
  .tuple(slot, fc.constantFrom(1, 2, 1_000))
  .map(([slot, ahead]) =>
    step({
      says: `${slot} acknowledges ${ahead} more than it was sent`,
      kind: 'acknowledge ahead',
      when: (model) => isReading(model, slot),
      does: async (model, world) => {
        const seq = connectionOf(model, slot).acknowledgeable + ahead
        const { code } = await world.line(slot).ask({ type: 'ack', payload: { seq } })
        expectSame(code, 'ack_ahead', 'error')
      },
    }),
  )

const badFrame: fc.Arbitrary<Step> = fc
  .tuple(slot, fc.constantFrom('invalid_message' as const, 'unknown_type' as const))
  .map(([slot, code]) =>
    step({
      says: `${slot} sends a frame that is an ${code}`,
      kind: 'bad frame',
      when: (model) =>
        isReading(model, slot) && (model.connections.get(slot)?.badFrames ?? 0) < MAX_BAD_FRAMES,
      does: async (model, world) => {
        connectionOf(model, slot).badFrames += 1
        const bad =
          code === 'unknown_type' ? { type: 'nonsense' } : { type: 'ack', payload: { seq: 'x' } }
        expectSame((await world.line(slot).ask(bad)).code, code, 'error')
      },
    }),
  )

const pause: fc.Arbitrary<Step> = slot.map((slot) =>
  step({
    says: `${slot} stops reading`,
    kind: 'stop reading',
    when: (model) => isReading(model, slot),
    does: async (model, world) => {
      connectionOf(model, slot).paused = true
      world.line(slot).pause()
      await Promise.resolve()
    },
  }),
)

const resume: fc.Arbitrary<Step> = slot.map((slot) =>
  step({
    says: `${slot} reads on`,
    kind: 'read on',
    when: (model) => model.connections.get(slot)?.paused === true,
    does: async (model, world) => {
      connectionOf(model, slot).paused = false
      world.line(slot).resume()
      await Promise.resolve()
    },
  }),
)

async function drop(model: Model, world: World, slot: Slot): Promise<void> {
  const line = world.line(slot)
  await line.cut()
  line.hear(connectionOf(model, slot))
  world.lines.delete(slot)
  model.connections.delete(slot)
}

const cut: fc.Arbitrary<Step> = slot.map((slot) =>
  step({
    says: `drop ${slot}`,
    kind: 'drop',
    when: (model) => model.connections.has(slot),
    does: (model, world) => drop(model, world, slot),
  }),
)

/** In one go, before the service can have taken the acknowledgement in. */
const acknowledgeAndDrop: fc.Arbitrary<Step> = fc.tuple(slot, back).map(([slot, back]) =>
  step({
    says: `${slot} acknowledges all but ${back} of what it has read, without an id, and drops`,
    kind: 'acknowledge and drop',
    when: (model) => model.connections.has(slot),
    does: async (model, world) => {
      const { user, deviceName } = connectionOf(model, slot)
      const seq = acknowledged(world, slot, back)
      world.line(slot).tell({ type: 'ack', payload: { seq } })
      model.device(user, deviceName).acknowledging(seq)
      await drop(model, world, slot)
    },
  }),
)

const close: fc.Arbitrary<Step> = slot.map((slot) =>
  step({
    says: `close ${slot}`,
    kind: 'close',
    when: (model) => isReading(model, slot),
    does: async (model, world) => {
      expectSame(await world.line(slot).close(), 1000, 'close code')
      world.lines.delete(slot)
      model.connections.delete(slot)
    },
  }),
)

export const reading: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: acknowledge },
  { weight: 3, arbitrary: acknowledgeUnheard },
  { weight: 1, arbitrary: acknowledgeAhead },
  { weight: 1, arbitrary: badFrame },
  { weight: 2, arbitrary: pause },
  { weight: 8, arbitrary: resume },
  { weight: 2, arbitrary: cut },
  { weight: 1, arbitrary: acknowledgeAndDrop },
  { weight: 1, arbitrary: close },
)
