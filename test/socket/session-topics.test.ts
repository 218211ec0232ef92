import { describe, expect, test } from 'vitest'
import { PosthornError } from '../../src/protocol/errors.js'
import type { OwnTopic } from '../../src/inbox/own-topics.js'
import type { SessionContext } from '../../src/socket/session-context.js'
import { command } from './command.js'
import { settled } from './memory-log.js'
import { openSession } from './session-fixture.js'

/** Takes subscriptions and notes them; `fails` is what it throws instead. */
function noted(fails?: Error): {
  asked: [string, OwnTopic][]
  ownTopics: SessionContext['ownTopics']
} {
  const asked: [string, OwnTopic][] = []
  const note = (what: string) => (topic: OwnTopic) => {
    asked.push([what, topic])
    return fails ? Promise.reject(fails) : Promise.resolve()
  }
  return { asked, ownTopics: { subscribe: note('subscribe'), unsubscribe: note('unsubscribe') } }
}

describe.each(['subscribe', 'unsubscribe'])('%s', (type) => {
  test('asks in the life of the welcome, and is answered once that is done', async () => {
    const { asked, ownTopics } = noted()
    const { session, socket } = await openSession({ ownTopics, topics: ['news.*'] })
    session.receive(command(type, { topic: 'news.eu' }, 't1'))
    expect(socket.types).not.toContain('reply')
    await settled()
    expect(asked).toEqual([[type, { user: 'alice', topic: 'news.eu', epoch: 'an-epoch' }]])
    expect(socket.messages.at(-1)).toEqual({
      type: 'reply',
      id: 't1',
      payload: { topic: 'news.eu' },
    })
  })

  test('without an id is done, and not answered', async () => {
    const { asked, ownTopics } = noted()
    const { session, socket } = await openSession({ ownTopics, topics: ['news.*'] })
    session.receive(command(type, { topic: 'news.eu' }))
    await settled()
    expect([asked.length, socket.types]).toEqual([1, ['welcome', 'caught_up']])
  })

  test('of a topic that the token leaves out is refused, and the connection goes on', async () => {
    const { asked, ownTopics } = noted()
    const { session, socket } = await openSession({ ownTopics, topics: ['news.*'] })
    for (const topic of ['news', 'news.eu.de', 'sport', '*']) {
      session.receive(command(type, { topic }, topic))
    }
    await settled()
    expect(asked).toEqual([])
    expect(socket.messages.slice(2)).toMatchObject([
      { type: 'error', id: 'news', payload: { code: 'topic_not_allowed', retryable: false } },
      { type: 'error', id: 'news.eu.de', payload: { code: 'topic_not_allowed' } },
      { type: 'error', id: 'sport', payload: { code: 'topic_not_allowed' } },
      // No topic can be so called.
      { type: 'error', id: '*', payload: { code: 'invalid_message' } },
    ])
    expect(socket.closedWith).toBeUndefined()
  })

  test.each([
    [new PosthornError('too_many_topics', 'Full.'), 'too_many_topics', undefined],
    [new PosthornError('epoch_mismatch', 'Erased.'), 'epoch_mismatch', undefined],
    [new PosthornError('store_unavailable', 'Away.'), 'store_unavailable', undefined],
    [new PosthornError('storage_full', 'Full.'), 'storage_full', undefined],
    [new PosthornError('overloaded', 'Behind.'), 'overloaded', undefined],
    [new Error('secret path /var/lib/posthorn.db'), 'internal', 1011],
  ])('that fails with %s is told so, and closes with %s', async (thrown, code, close) => {
    const { ownTopics } = noted(thrown)
    const { session, socket } = await openSession({ ownTopics, topics: ['news'] })
    session.receive(command(type, { topic: 'news' }, 't1'))
    await settled()
    expect(socket.messages.at(-1)).toMatchObject({ type: 'error', id: 't1', payload: { code } })
    expect(socket.closedWith?.code).toBe(close)
    expect(socket.frames.join('')).not.toContain('secret')
  })

  test('goes by the fresh token once that is taken, and no more by the former', async () => {
    const { asked, ownTopics } = noted()
    const { session, socket } = await openSession({ ownTopics, topics: ['news'] })
    session.receive(command('authenticate', { token: 'sport' }, 'fresh'))
    session.receive(command(type, { topic: 'news' }, 'before the reply'))
    session.receive(command(type, { topic: 'sport' }, 'too early'))
    await settled()
    session.receive(command(type, { topic: 'news' }, 'after'))
    session.receive(command(type, { topic: 'sport' }, 'sport'))
    await settled()
    expect(asked.map(([, { topic }]) => topic)).toEqual(['news', 'sport'])
    const told = socket.messages.flatMap((message) =>
      'id' in message ? [`${message.id}: ${message.type}`] : [],
    )
    expect(told.toSorted()).toEqual([
      'after: error',
      'before the reply: reply',
      'fresh: reply',
      'sport: reply',
      'too early: error',
    ])
  })
})

test('commands are asked of the store in the order in which they came', async () => {
  const { asked, ownTopics } = noted()
  const { session } = await openSession({ ownTopics, topics: ['*'] })
  const topics = ['a', 'b', 'a', 'a', 'b']
  for (const [index, topic] of topics.entries()) {
    session.receive(command(index % 2 === 0 ? 'subscribe' : 'unsubscribe', { topic }))
  }
  await settled()
  expect(asked.map(([what, { topic }]) => `${what} ${topic}`)).toEqual([
    'subscribe a',
    'unsubscribe b',
    'subscribe a',
    'unsubscribe a',
    'subscribe b',
  ])
})
