import { expect, test } from 'vitest'
import { DeliveryList } from '../../src/protocol/deliveries.js'
import { serviceToken, startService, type Api } from '../harness.js'

async function deliveriesOf(api: Api, id: string) {
  const response = await api.request(`/v1/notifications/${id}/deliveries`, {
    token: await serviceToken(),
  })
  return DeliveryList.parse(await response.json()).items
}

test('sends again on the next connection what was not acknowledged, and nothing that was', async () => {
  await using service = await startService()
  const { api } = service
  await api.sendMany('alice', 3)

  await using first = await api.connect('alice')
  await first.received(3)
  await first.cut()

  await using second = await api.connect('alice')
  await second.received(3)
  expect(second.seqs).toEqual([1, 2, 3])
  await second.acknowledgeAndWait(2)
  await second.cut()

  await using third = await api.connect('alice')
  await third.first('caught_up')
  expect(third.seqs).toEqual([3])
  expect((await third.first('welcome')).payload.cursor).toBe(2)
})

test('keeps an acknowledgement of one device from changing another', async () => {
  await using service = await startService()
  const { api } = service
  const [receipt] = await api.sendMany('alice', 1)
  await using phone = await api.connect('alice', { device: 'phone' })
  await phone.received(1)
  await phone.acknowledgeAndWait(1)

  await using laptop = await api.connect('alice', { device: 'laptop' })
  await laptop.first('caught_up')
  expect(laptop.seqs).toEqual([1])

  const deliveries = await deliveriesOf(api, receipt?.id ?? '')
  expect(deliveries.map(({ device, status }) => [device, status])).toEqual([
    ['phone', 'delivered'],
    ['laptop', 'pending'],
  ])
  expect(deliveries[0]?.deliveredAt).toMatch(/^\d{4}-.*\.\d{3}Z$/)
})

test('records no delivery for what `cursor=latest` skips', async () => {
  await using service = await startService()
  const { api } = service
  const receipt = await api.send('alice', 'skipped')
  expect(await deliveriesOf(api, receipt.id)).toMatchObject([{ device: null, status: 'pending' }])

  await using client = await api.connect('alice', { query: { cursor: 'latest' } })
  await client.first('welcome')
  expect(await deliveriesOf(api, receipt.id)).toMatchObject([
    { device: 'phone', status: 'skipped' },
  ])
})

test('refuses an acknowledgement ahead of what was sent, and the connection goes on', async () => {
  await using service = await startService()
  const { api } = service
  await api.sendMany('alice', 2)
  await using client = await api.connect('alice')
  await client.first('caught_up')

  client.acknowledge(3, 'ahead')
  const error = await client.first('error')
  expect(error).toMatchObject({ id: 'ahead', payload: { code: 'ack_ahead', retryable: false } })

  await client.acknowledgeAndWait(2)
  await client.cut()
  await using next = await api.connect('alice')
  expect((await next.first('welcome')).payload.cursor).toBe(2)
})

test('refuses an acknowledgement of what stands in the log and was not sent on the connection', async () => {
  await using service = await startService({ environment: { MAX_UNACKED: '1' } })
  const { api } = service
  await api.sendMany('alice', 3)
  await using client = await api.connect('alice')
  await client.received(1)
  client.acknowledge(2, 'ahead')
  expect(await client.first('error')).toMatchObject({
    id: 'ahead',
    payload: { code: 'ack_ahead' },
  })
  expect(client.seqs).toEqual([1])
})

test('never moves a cursor back', async () => {
  await using service = await startService()
  const { api } = service
  await api.sendMany('alice', 5)
  await using client = await api.connect('alice')
  await client.first('caught_up')
  await client.acknowledgeAndWait(5)
  client.acknowledge(2, 'older')
  const reply = await client.find((message) => message.type === 'reply' && message.id === 'older')
  expect(reply).toMatchObject({ payload: { cursor: 5 } })
})
