import { PosthornError } from '../protocol/errors.js'
import type { Clock } from './clock.js'
import type { Store } from './store.js'

/** What a user asks of a topic, in the life of its log in which it asks. */
export interface OwnTopic {
  user: string
  topic: string
  epoch: string
}

/** What users subscribe to by themselves. */
export class OwnTopics {
  readonly #store: Pick<Store, 'subscribe' | 'unsubscribe'>
  readonly #clock: Clock
  readonly #limit: number

  constructor(options: {
    store: Pick<Store, 'subscribe' | 'unsubscribe'>
    clock: Clock
    /** Most topics to which one user subscribes by itself. */
    maxTopicsPerUser: number
  }) {
    this.#store = options.store
    this.#clock = options.clock
    this.#limit = options.maxTopicsPerUser
  }

  /**
   * Resolves when it is on disk; a subscription that is there stays as it is, and needs no room.
   * @throws PosthornError `too_many_topics`, or `epoch_mismatch` where the user was erased meanwhile
   */
  async subscribe({ user, topic, epoch }: OwnTopic): Promise<void> {
    const own = { epoch, limit: this.#limit }
    const outcome = await this.#store.subscribe({ user, topic, own, at: this.#clock() })
    switch (outcome.kind) {
      case 'subscribed':
        return
      case 'too_many':
        throw new PosthornError('too_many_topics', `At most ${this.#limit} topics of its own.`)
      case 'other_epoch':
        throw otherLife()
    }
  }

  /**
   * Ends the subscription, whoever has made it; resolves when it is on disk.
   * @throws PosthornError `epoch_mismatch` where the user was erased meanwhile
   */
  async unsubscribe({ user, topic, epoch }: OwnTopic): Promise<void> {
    const outcome = await this.#store.unsubscribe({ user, topic, epoch })
    if (outcome.kind === 'other_epoch') throw otherLife()
  }
}

function otherLife(): PosthornError {
  return new PosthornError('epoch_mismatch', 'The user was erased: connect anew.')
}
