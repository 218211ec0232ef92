import { InboxCounts } from '../../src/protocol/inbox.js'
import type { TestClient } from '../client.js'
import { tokenFor, type Api } from '../harness.js'

/** Of each entry that came: in which form, its `seq`, and the counts with it. */
export const heard = (client: TestClient) =>
  client.entries.map(({ type, payload: { seq, unread, unseen } }) => [type, seq, unread, unseen])

export const forms = (client: TestClient) =>
  client.entries.map(({ type, payload }) => [type, payload.seq])

/** A device that has acknowledged all up to `seq`, and is off again. */
export async function acknowledged(api: Api, device: string, seq: number): Promise<void> {
  await using client = await api.connect('alice', { device })
  await client.first('caught_up')
  await client.acknowledgeAndWait(seq)
}

export async function connected(api: Api, device: string): Promise<TestClient> {
  const client = await api.connect('alice', { device, acknowledges: true })
  await client.first('caught_up')
  return client
}

export async function countsOf(api: Api, user: string): Promise<InboxCounts> {
  const response = await api.request('/v1/inbox/counts', { token: await tokenFor(user) })
  return InboxCounts.parse(await response.json())
}
