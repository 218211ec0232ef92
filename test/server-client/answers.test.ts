import { expect, test } from 'vitest'
import type { PosthornClient } from '../../src/server-client/client.js'
import { clientOf, SENDING } from './client-of.js'
import { answer, RECEIPT } from './scripted-server.js'

const NEWER = 'of_a_newer_service'
const { id, createdAt, expiresAt, recipients } = RECEIPT
const TEXTS = { title: null, body: null, url: null, icon: null, data: null, collapseKey: null }
const CONTENT = {
  ...TEXTS,
  id,
  createdAt,
  expiresAt,
  type: 'greeting',
  topic: null,
  sender: 'shop',
  priority: NEWER,
}
const STATE = { seq: 1, arrivedSeq: 1, seenAt: null, readAt: null, archivedAt: null }
const DELIVERY = { user: 'alice', device: null, deliveredAt: null, seenAt: null, readAt: null }
const COUNTS = { unread: 1, unseen: 1, latest: 1, epoch: 'e' }

type Call = (client: PosthornClient) => Promise<unknown>

test.each<[string, unknown, Call]>([
  ['a receipt', { ...RECEIPT, status: NEWER }, (client) => client.send(SENDING)],
  ['an overview', { ...CONTENT, recipients, status: NEWER }, (client) => client.status(id)],
  ['a recall', { id, recipients, status: NEWER }, (client) => client.recall(id)],
  [
    'a delivery',
    { items: [{ ...DELIVERY, status: NEWER }], nextPage: null },
    (client) => client.deliveries(id).next(),
  ],
  [
    'an inbox',
    { items: [{ ...CONTENT, ...STATE }], nextPage: null, ...COUNTS },
    (client) => client.users.inbox('alice'),
  ],
  [
    'a batch',
    {
      succeeded: 1,
      failed: 0,
      results: [{ index: 0, status: 201, notification: { ...RECEIPT, status: NEWER } }],
    },
    (client) => client.sendBatch([SENDING]),
  ],
])(
  '%s with a value, and a field, that this version does not know is taken',
  async (_what, body, call) => {
    const more = { [NEWER]: { any: ['thing'] } }
    await using scripted = await clientOf([answer(200, Object.assign(more, body))])
    expect(JSON.stringify(await call(scripted.client))).toContain(`"${NEWER}"`)
  },
)
