import { expect, test } from 'vitest'
import { OwnTopics } from '../../src/inbox/own-topics.js'
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
  await expect(over('too_many').topics.subscribe(ASKED)).rejects.toMatchObject({
    code: 'too_many_topics',
    message: expect.stringContaining('3'),
  })
})

test('tells where the user was erased meanwhile', async () => {
  const { topics } = over('other_epoch')
  const refused = expect.objectContaining({ code: 'epoch_mismatch' })
  await expect(topics.subscribe(ASKED)).rejects.toEqual(refused)
  await expect(topics.unsubscribe(ASKED)).rejects.toEqual(refused)
})
