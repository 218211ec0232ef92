import type { Scheduler } from 'fast-check'
import { expectSame } from '../expectations.js'
import type { LiveMove } from '../../src/socket/log-reader.js'
import type { MemoryLog } from './memory-log.js'
import { applyChange, logOf } from './session-changes.js'
import type { Fate, LogChange, Scenario, SessionEvent } from './session-events.js'
import { NOW, openSession, type Fixture } from './session-fixture.js'
import { scheduledStore } from './session-store.js'
import { SessionWitness } from './session-witness.js'

/** More answers than any session of these needs to settle. */
const MAX_TASKS = 500

/** One session, its store behind a scheduler that says when each answer and each late wake comes. */
export class SessionRun {
  readonly #scheduler: Scheduler
  readonly #log: MemoryLog
  readonly #fixture: Fixture
  readonly #witness: SessionWitness
  #commands = 0
  #hasLostWakes = false
  /** No look at the store heals that. */
  #hasLostCounts = false
  /** The socket has buffered something since it last told that its buffer is empty. */
  #isDrainDue = false

  private constructor(
    scheduler: Scheduler,
    { log, fixture, witness }: { log: MemoryLog; fixture: Fixture; witness: SessionWitness },
  ) {
    this.#scheduler = scheduler
    this.#log = log
    this.#fixture = fixture
    this.#witness = witness
  }

  static async begin(scheduler: Scheduler, scenario: Scenario): Promise<SessionRun> {
    const { recent, start, batch, maxUnacked, frameKiB } = scenario
    const log = logOf(scenario)
    const store = scheduledStore(log, scheduler, scenario)
    const request = { start, batch }
    const fixture = await openSession({ log, store, maxUnacked, request })
    // Time may have passed before.
    fixture.tick(log.now - NOW)
    const { socket } = fixture
    const witness = new SessionWitness(log, { maxUnacked, start })
    const run = new SessionRun(scheduler, { log, fixture, witness })
    socket.onSend = (text) => {
      witness.see(text, socket.bufferedAmount)
      if (frameKiB === 0 || !/"(?:notification|updated|removed)"/.test(text)) return
      socket.bufferedAmount += frameKiB * 1024
      run.#isDrainDue = true
    }
    const { latest } = log
    for (let seq = Math.max(1, latest + 1 - recent); seq <= latest; seq++) {
      run.#tell(log.wakeOf(seq), 'late')
    }
    return run
  }

  async step(event: SessionEvent): Promise<void> {
    const { tick } = this.#fixture
    const { last } = this.#witness
    switch (event.kind) {
      case 'append':
      case 'move':
      case 'recall':
      case 'sweep':
      case 'trim':
        this.#change(event)
        break
      case 'acknowledge':
        this.#acknowledge(Math.max(0, last - event.back), event.withId)
        break
      case 'acknowledge ahead':
        this.#acknowledgeAhead()
        break
      case 'acknowledge elsewhere':
        this.#log.advance('phone', last - event.back)
        break
      case 'answer':
        if (this.#scheduler.count() > 0) await this.#scheduler.waitNext(1)
        break
      case 'ebb':
        this.#ebb()
        break
      case 'drain':
        this.#drain()
        break
      case 'pass time':
        this.#log.now += event.milliseconds
        tick(event.milliseconds)
        break
    }
    await turn()
    this.#witness.look()
  }

  /** All that was under way comes, a look at the store heals the loss of wakes, and the client takes everything. */
  async settle(): Promise<void> {
    const { session, socket } = this.#fixture
    this.#ebb()
    await this.#idle()
    const { latest } = this.#log
    if (this.#hasLostWakes && latest > 0) session.wake(this.#log.wakeOf(latest, false))
    await this.#idle()
    // Nothing is told of what has expired before it is swept.
    this.#change({ kind: 'sweep', fate: 'now', carries: true })
    await this.#idle()
    for (let round = 0; round <= 2 * this.#log.latest; round++) {
      while (this.#isDrainDue) {
        this.#drain()
        await this.#idle()
      }
      this.#witness.expectStored()
      this.#witness.expectAnswered()
      this.#witness.expectFull()
      this.#acknowledge(this.#witness.last, true)
      await this.#idle()
      this.#witness.expectStored()
      this.#witness.expectAnswered()
    }
    expectSame(socket.closedWith, undefined, 'closed')
    this.#witness.expectAll({ counts: !this.#hasLostCounts })
    await this.end('closed')
  }

  /** The connection is over: nothing is sent any more, and what was acknowledged is still stored. */
  async end(ending: 'closed' | 'cut'): Promise<void> {
    const { session, socket } = this.#fixture
    if (ending === 'closed') session.close(1000, 'done')
    else session.closed(1006)
    const frames = socket.frames.length
    this.#tell(this.#log.wakeOf(this.#log.append()), 'now')
    session.drained()
    await this.#idle()
    expectSame(socket.frames.length, frames, 'frames after the end')
    this.#witness.expectStored()
  }

  /** The kernel takes the whole buffer. The socket is to tell of it, and has not done so yet. */
  #ebb(): void {
    this.#fixture.socket.bufferedAmount = 0
  }

  /** The buffer is empty, where it was not: only then a socket tells. */
  #drain(): void {
    if (!this.#isDrainDue) return
    this.#ebb()
    this.#isDrainDue = false
    this.#fixture.session.drained()
  }

  /** The log changes, and the session is woken as the fate of that wake is. */
  #change(change: LogChange): void {
    const changed = applyChange(this.#log, change)
    if (change.kind === 'trim') {
      if (changed.length === 0) return
      if (change.fate === 'lost') this.#hasLostCounts = true
      this.#tell(this.#log.countsWake(), change.fate)
      return
    }
    for (const seq of changed) this.#tell(this.#log.wakeOf(seq, change.carries), change.fate)
  }

  /** Wakes the session as the fate of the wake is. */
  #tell(move: LiveMove, fate: Fate): void {
    const wake = (): void => this.#fixture.session.wake(move)
    const late = (): void => {
      void this.#scheduler.schedule(Promise.resolve(), `wake ${move.seq}`).then(wake)
    }
    if (fate === 'lost') this.#hasLostWakes = true
    if (fate === 'now' || fate === 'now and late') wake()
    if (fate === 'late' || fate === 'now and late' || fate === 'late twice') late()
    if (fate === 'late twice') late()
  }

  #acknowledge(seq: number, withId: boolean): void {
    // Before its welcome a client has nothing to acknowledge.
    if (!this.#witness.isWelcomed) return
    this.#commands += 1
    const id = `command-${this.#commands}`
    this.#witness.acknowledging(seq, withId ? id : undefined)
    const ack = { type: 'ack', ...(withId && { id }), payload: { seq } }
    this.#fixture.session.receive(JSON.stringify(ack))
  }

  #acknowledgeAhead(): void {
    if (!this.#witness.isWelcomed) return
    const { session, socket } = this.#fixture
    const errors = socket.errors.length
    const ack = { type: 'ack', payload: { seq: this.#log.latest + 1 } }
    session.receive(JSON.stringify(ack))
    expectSame(socket.errors.slice(errors), ['ack_ahead'], 'errors')
  }

  async #idle(): Promise<void> {
    await turn()
    for (let tasks = 0; this.#scheduler.count() > 0; tasks++) {
      if (tasks === MAX_TASKS) throw new Error('the session asks its store without end')
      await this.#scheduler.waitNext(1)
      await turn()
    }
  }
}

/** Promises that are due settle. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
