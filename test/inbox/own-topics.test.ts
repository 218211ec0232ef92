import { expect, test } from 'vitest'
import { OwnTopics } from '../../src/inbox/own-topics.js'
import { PosthornError } from '../../src/protocol/errors.js'
import type { Subscribe, SubscribeOutcome, Unsubscribe } from '../../src/inbox/stores/topics.js'

function over(outcome: SubscribeOutcome['kind']): { asked: unknown[]; topics: OwnTopics } {
  const asked: (Subscribe | Unsubscribe)[] = []
  const store = {
    subscribe: (command: Subscribe) => {
      asked.push(command)
      return Promise.resolve({ kind: outcome })
    },
    unsubscribe: (command: Unsubscribe) => {
      asked.push(command)
      const kind = outcome === 'other_epoch' ? outcome : ('unsubscribed' as const)
      return Promise.resolve({ kind })
    },
  }
  return { asked, topics: new OwnTopics({ store, clock: () => 42, maxTopicsPerUser: 3 }) }
}

const ASKED = { user: 'alice', topic: 'news', epoch: 'e1' }

test('asks the store as the user itself, with its limit and its epoch', async () => {
  const { asked, topics } = over('subscribed')
  await topics.subscribe(ASKED)
  await topics.unsubscribe(ASKED)
  expect(asked).toEqual([
    { user: 'alice', topic: 'news', at: 42, own: { epoch: 'e1', limit: 3 } },
    { user: 'alice', topic: 'news', epoch: 'e1' },
  ])
})

test('tells where the user has too many, and how many it may have', async () => {
  const refused = new PosthornError('too_many_topics', 'At most 3 topics of its own.')
  await expect(over('too_many').topics.subscribe(ASKED)).rejects.toEqual(refused)
})

test('tells where the user was erased meanwhile', async () => {
  const { topics } = over('other_epoch')
  const refused = new PosthornError('epoch_mismatch', 'The user was erased: connect anew.')
  await expect(topics.subscribe(ASKED)).rejects.toEqual(refused)
  await expect(topics.unsubscribe(ASKED)).rejects.toEqual(refused)
})
