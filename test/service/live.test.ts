import { expect, test } from 'vitest'
import { startService } from '../harness.js'

test('each device of a user gets each notification once, live, in order, and other users get none', async () => {
  await using service = await startService()
  const { api } = service
  await using phone = await api.connect('alice', { device: 'phone' })
  await using laptop = await api.connect('alice', { device: 'laptop' })
  await using other = await api.connect('bob', { device: 'phone' })
  await Promise.all([phone, laptop, other].map((client) => client.first('caught_up')))

  await api.sendMany('alice', 50)
  await api.send('bob', 'for bob')

  const expected = Array.from({ length: 50 }, (_, index) => String(index + 1))
  for (const client of [phone, laptop]) {
    const received = await client.received(50)
    expect(client.titles).toEqual(expected)
    expect(client.seqs).toEqual(expected.map(Number))
    expect(received.every(({ payload }) => !payload.replayed)).toBe(true)
    expect(received.map(({ payload }) => payload.unread)).toEqual(expected.map(Number))
  }
  await other.received(1)
  expect(other.titles).toEqual(['for bob'])
})
