import * as z from 'zod/mini'
import { Topic } from '../protocol/identifiers.js'
import { MarkResult, type MarkAction } from '../protocol/mark.js'
import type { Up } from '../protocol/up/index.js'
import type { Commands } from './commands.js'
import type { Ids } from './inbox.js'

/** A frame of 16 KiB holds some 400 ids; the rest goes in another. */
const IDS_PER_COMMAND = 300

const TopicResult = z.object({ topic: Topic })

export interface MarksOptions {
  commands: Commands
  deadlineMs: number
  /** The highest position of which this device knows, and in which life of the log; undefined before the first welcome. */
  latest: () => { seq: number; life: string } | undefined
}

/** The commands of the application, as the protocol says them. */
export class Marks {
  readonly #options: MarksOptions

  constructor(options: MarksOptions) {
    this.#options = options
  }

  async mark(action: MarkAction, which: Ids): Promise<MarkResult> {
    if (which === 'all') return this.#markAll(action)
    const ids = typeof which === 'string' ? [which] : [...new Set(which)]
    const results: MarkResult[] = []
    // At least one, so that an empty list is refused rather than taken for done.
    for (let from = 0; from === 0 || from < ids.length; from += IDS_PER_COMMAND) {
      results.push(
        await this.#options.commands.send({
          command: {
            type: 'mark',
            payload: { action, ids: ids.slice(from, from + IDS_PER_COMMAND) },
          },
          result: MarkResult,
          deadlineMs: this.#options.deadlineMs,
        }),
      )
    }
    return results.reduce((sum, next) => ({ ...next, updated: sum.updated + next.updated }))
  }

  async topic(type: 'subscribe' | 'unsubscribe', topic: string): Promise<void> {
    const { commands, deadlineMs } = this.#options
    await commands.send({ command: { type, payload: { topic } }, result: TopicResult, deadlineMs })
  }

  #markAll(action: MarkAction): Promise<MarkResult> {
    const { commands, deadlineMs, latest } = this.#options
    const known = latest()
    const markUpTo = (upTo: number): Up => ({ type: 'mark', payload: { action, upTo } })
    return commands.send({
      command: known ? markUpTo(known.seq) : markUpTo,
      result: MarkResult,
      deadlineMs,
      life: known?.life,
    })
  }
}
