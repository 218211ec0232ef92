import { expect, test } from 'vitest'
import { NotificationOverview, SendReceipt } from '../../src/protocol/send.js'
import type { TestClient } from '../client.js'
import { serviceToken, startService, temporaryFolder, tokenFor, type Api } from '../harness.js'

/** Asks for a change of a topic and resolves with what came of it: the topic of the reply, or the code of the error. */
async function ask(client: TestClient, type: string, topic: string): Promise<string> {
  const id = `${type}-${topic}-${client.messages.length}`
  client.send({ type, id, payload: { topic } })
  const answer = await client.find((message) => 'id' in message && message.id === id)
  if (answer.type === 'error') return answer.payload.code
  return answer.type === 'reply' && 'topic' in answer.payload ? answer.payload.topic : answer.type
}

/** Sends to a topic, and resolves with its id when it has reached all whom it means. */
async function sendToTopic(api: Api, topic: string, title: string): Promise<string> {
  const token = await serviceToken()
  const response = await api.post({ to: { topic }, type: 'test', title }, { token })
  expect(response.status).toBe(202)
  const { id } = SendReceipt.parse(await response.json())
  for (;;) {
    const answer = await api.request(`/v1/notifications/${id}`, { token })
    if (NotificationOverview.parse(await answer.json()).status === 'stored') return id
  }
}

test('what a user subscribes to reaches its devices, until it unsubscribes', async () => {
  await using service = await startService()
  const { api } = service
  const token = await tokenFor('alice', { topics: ['news.*'] })
  await using phone = await api.connect('alice', { token })
  await using laptop = await api.connect('alice', { device: 'laptop' })
  await using other = await api.connect('bob')
  await Promise.all([phone, laptop, other].map((client) => client.first('caught_up')))

  await sendToTopic(api, 'news.eu', 'too early')
  expect(await ask(phone, 'subscribe', 'news.eu')).toBe('news.eu')
  expect(await ask(phone, 'subscribe', 'news.eu')).toBe('news.eu')
  await sendToTopic(api, 'news.eu', 'while subscribed')
  await Promise.all([phone.received(1), laptop.received(1)])
  expect(await ask(phone, 'unsubscribe', 'news.eu')).toBe('news.eu')
  expect(await ask(phone, 'unsubscribe', 'news.eu')).toBe('news.eu')
  await sendToTopic(api, 'news.eu', 'too late')
  await api.send(['alice', 'bob'], 'last')

  await Promise.all([phone.received(2), laptop.received(2), other.received(1)])
  expect([phone.titles, laptop.titles, other.titles]).toEqual([
    ['while subscribed', 'last'],
    ['while subscribed', 'last'],
    ['last'],
  ])
  const [first] = phone.all('notification')
  expect(first?.payload.notification.topic).toBe('news.eu')
})

test('a subscription that was answered is there after a restart', async () => {
  using folder = temporaryFolder()
  const token = await tokenFor('alice', { topics: 'news alerts' })
  {
    await using service = await startService({ folder: folder.path })
    await using phone = await service.api.connect('alice', { token })
    expect(await ask(phone, 'subscribe', 'news')).toBe('news')
    expect(await ask(phone, 'subscribe', 'alerts')).toBe('alerts')
    expect(await ask(phone, 'unsubscribe', 'alerts')).toBe('alerts')
  }
  await using service = await startService({ folder: folder.path })
  await sendToTopic(service.api, 'alerts', 'not this')
  await sendToTopic(service.api, 'news', 'this')
  await using phone = await service.api.connect('alice', { token })
  await phone.first('caught_up')
  expect(phone.titles).toEqual(['this'])
})

test('more topics of its own than it may have are refused, and the connection goes on', async () => {
  await using service = await startService({ environment: { MAX_TOPICS_PER_USER: '2' } })
  const topics = await serviceToken('posthorn:topics')
  const put = await service.api.request('/v1/topics/given/subscribers/alice', {
    method: 'PUT',
    token: topics,
  })
  expect(put.status).toBe(204)
  const token = await tokenFor('alice', { topics: ['*'] })
  await using phone = await service.api.connect('alice', { token })
  expect(await ask(phone, 'subscribe', 'a')).toBe('a')
  expect(await ask(phone, 'subscribe', 'b')).toBe('b')
  expect(await ask(phone, 'subscribe', 'c')).toBe('too_many_topics')
  // What it has already takes no more room, and what a service gave it takes none.
  expect(await ask(phone, 'subscribe', 'a')).toBe('a')
  expect(await ask(phone, 'subscribe', 'given')).toBe('given')
  expect(await ask(phone, 'unsubscribe', 'given')).toBe('given')
  expect(await ask(phone, 'subscribe', 'given')).toBe('too_many_topics')
  expect(await ask(phone, 'unsubscribe', 'a')).toBe('a')
  expect(await ask(phone, 'subscribe', 'c')).toBe('c')
})

test('a token without `topics` allows none, and a fresh one allows its own', async () => {
  await using service = await startService()
  await using phone = await service.api.connect('alice')
  expect(await ask(phone, 'subscribe', 'news')).toBe('topic_not_allowed')
  const token = await tokenFor('alice', { topics: ['news'] })
  phone.send({ type: 'authenticate', id: 'fresh', payload: { token } })
  await phone.find((message) => message.type === 'reply' && message.id === 'fresh')
  expect(await ask(phone, 'subscribe', 'news')).toBe('news')
  expect(await ask(phone, 'subscribe', 'sport')).toBe('topic_not_allowed')

  // The next one takes it back; the subscription that was made stays.
  const narrower = await tokenFor('alice', { topics: [] })
  phone.send({ type: 'authenticate', id: 'narrower', payload: { token: narrower } })
  await phone.find((message) => message.type === 'reply' && message.id === 'narrower')
  expect(await ask(phone, 'unsubscribe', 'news')).toBe('topic_not_allowed')
  await sendToTopic(service.api, 'news', 'still subscribed')
  await phone.received(1)
})

test('a token whose `topics` are no patterns is refused', async () => {
  await using service = await startService()
  const token = await tokenFor('alice', { topics: ['news.**'] })
  const answer = await service.api.request('/v1/inbox', { token })
  expect([answer.status, await answer.json()]).toEqual([
    401,
    expect.objectContaining({ code: 'invalid_token' }),
  ])
})
