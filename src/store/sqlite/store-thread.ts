import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { Done, Failure, FromThread, ThreadData, ToThread } from './messages.js'
import { TROUBLES } from './trouble.js'

/** The built file, named in package.json, so that tests which run from source start the same thread. */
const THREAD = pathToFileURL(createRequire(import.meta.url).resolve('#store-thread'))

/**
 * What a thread allocates is soon garbage, and the room that V8 gives to that stays with the process: unbounded, both threads together
 * took 3 kB of each of the 10,000 devices in `memory`.
 */
const LIMITS = { maxYoungGenerationSizeMb: 8 }

/** One life of a store thread, as the event loop sees it. */
export class StoreThread {
  readonly #worker: Worker
  /** Resolves when the thread is gone, with what ended it where that was no `close`. */
  readonly ended: Promise<Error | undefined>

  private constructor(worker: Worker) {
    this.#worker = worker
    // Asked for before the first message is: a thread that fails may say so and end in the same turn of the loop.
    this.ended = new Promise((resolve) => {
      let reason: Error | undefined
      worker.on('error', (error) => {
        reason ??= error instanceof Error ? error : new Error(String(error))
      })
      worker.once('exit', () => resolve(reason))
    })
  }

  /**
   * Starts a thread; resolves when it takes requests.
   * @throws StartError with the thread's reason where it can't open the database
   */
  static async start(data: ThreadData, take: (done: Done) => void): Promise<StoreThread> {
    const worker = new Worker(THREAD, { workerData: data, resourceLimits: LIMITS })
    const thread = new StoreThread(worker)
    const first = await Promise.race([firstMessage(worker), thread.ended])
    if (first === undefined || first instanceof Error) {
      throw first ?? new Error('the store thread ended before it said anything')
    }
    if (first.kind === 'failed') {
      await thread.ended
      throw new StartError(data.path, first.failure)
    }
    worker.on('message', (message: FromThread) => {
      if (message.kind === 'responses') take(message)
    })
    return thread
  }

  /** A thread that is gone takes no message. */
  post(message: ToThread): void {
    this.#worker.postMessage(message)
  }
}

/** Why a thread did not start. */
export class StartError extends Error {
  readonly failure: Failure

  constructor(path: string, failure: Failure) {
    const { message, trouble } = failure
    const says = trouble && TROUBLES[trouble].says
    super(`${path}: ${says === undefined || says === message ? message : `${says} (${message})`}`)
    this.failure = failure
  }
}

function firstMessage(worker: Worker): Promise<FromThread> {
  return new Promise((resolve) => worker.once('message', resolve))
}
