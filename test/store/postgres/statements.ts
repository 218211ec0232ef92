import { Client } from 'pg'
import { vi } from 'vitest'
import { PostgresStore } from '../../../src/store/postgres/store.js'
import { seededRandom } from '../../random.js'
import { eraseWhole } from '../contract/people-fixture.js'
import {
  ALL,
  AT,
  EVERYONE,
  known,
  markIds,
  numbers,
  openDevice,
  send,
  SHOP,
} from '../contract/store-under-test.js'
import { RandomUse } from '../sqlite/random-use.js'
import { makeDatabase } from './files.js'

/** A statement of the store's, and values with which it was asked: as many as there ever were. */
export interface Statement {
  sql: string
  values: readonly unknown[]
}

/** Every statement that the store asks, in whatever way it is used. */
export async function collectStatements(seed: number): Promise<Statement[]> {
  const found = new Map<string, readonly unknown[]>()
  const query = vi.spyOn(Client.prototype, 'query')
  try {
    await useAll(seed)
    for (const [sql, values] of query.mock.calls.map(callOf)) {
      if (!/^\s*(?:SELECT|INSERT|UPDATE|DELETE|WITH)/.test(sql)) continue
      if (sizeOf(values) >= sizeOf(found.get(sql) ?? [])) found.set(sql, values)
    }
  } finally {
    query.mockRestore()
  }
  return [...found].map(([sql, values]) => ({ sql, values }))
}

function callOf([sql, values]: readonly unknown[]): [string, readonly unknown[]] {
  return [typeof sql === 'string' ? sql : '', Array.isArray(values) ? values : []]
}

/** How many values lists hold. */
function sizeOf(values: readonly unknown[]): number {
  return values.reduce<number>((sum, value) => sum + (Array.isArray(value) ? value.length : 0), 0)
}

async function useAll(seed: number): Promise<void> {
  await using database = await makeDatabase()
  const options = { url: database.url, bounds: { inboxLimit: 12 }, node: 'one', newEpoch: true }
  const store = await PostgresStore.open(options)
  try {
    const use = new RandomUse(store, seededRandom(seed))
    for (let round = 0; round < 10; round++) {
      await Promise.all(numbers(1, 40).map(() => use.step()))
    }
    await use.finish()
    await usePeople(store)
    await useSends(store)
    await useCluster(store)
  } finally {
    await store.close()
  }
}

async function usePeople(store: PostgresStore): Promise<void> {
  const user = 'alice'
  for (const number of numbers(1, 4)) {
    const device = `device-${number}`
    const bounds = { maxDevices: 2, online: [] }
    await store.openDevice({ user, device, start: { kind: 'stored' }, at: AT + number, ...bounds })
  }
  const { epoch, latest } = await store.head(user)
  await store.acknowledge({ user, device: 'device-4', epoch, seq: latest, at: AT })
  await store.changes({
    ...ALL,
    limit: 500,
    user,
    after: 0,
    reader: { device: 'device-4', startedAt: 0 },
  })
  for (const filter of ['inbox', 'unread', 'unseen', 'archived', 'all'] as const) {
    await store.list({ user, filter, type: 'order', before: undefined, limit: 10 })
  }
  await store.seeDevice({ user, device: 'device-4', epoch, at: AT + 10 })
  await store.devices({ user, device: undefined, after: undefined, limit: 10 })
  await store.unseenDevices({ after: 0, limit: 10, since: AT })
  const removed = await store.removeDevice({ user, device: 'device-4', unseenSince: undefined })
  if (!removed) throw new Error('the device was not there')
  for (const among of ['inbox', 'outcomes'] as const) {
    const { user: number, device } = removed
    await store.forgetDeliveries({ user: number, device, from: { among, after: 0 }, limit: 10 })
  }
  const topic = 'news'
  await store.subscribe({ user, topic, at: AT, own: { epoch, limit: 10 } })
  await store.changeSubscribers({ topic, add: ['bob', 'carol'], remove: ['dave'], at: AT })
  await store.subscribers({ topic, after: 0, limit: 10 })
  await store.topics({ user, after: '', limit: 10 })
  await store.subscribed({ topic, users: [user, 'bob'] })
  await send(store, { kind: 'topic', topic }, { collapseKey: 'k' })
  for (const _step of numbers(1, 3)) await store.stepFanOut({ at: AT, limit: 1 })
  await store.unsubscribe({ user, topic, epoch })
  await store.revoke({ kind: 'user', name: 'a hash', time: AT })
  await store.revocations({ after: undefined, limit: 10 })
  await store.forgetRevocations({ before: AT, limit: 10 })
  await store.trim({ user, agedBefore: AT, limit: 10 })
  await store.overfull({ after: 0, limit: 10, agedBefore: AT })
  await send(store, ['erin', 'alice'], { dueAt: AT + 1 })
  await eraseWhole(store, 'erin', 3)
  await store.purge({ limit: 10 })
}

async function useSends(store: PostgresStore): Promise<void> {
  const users = numbers(1, 100).map((number) => `user ${number}`)
  const { receipt } = await send(store, users, { key: 'k', collapseKey: 'k' })
  const { id } = receipt
  await openDevice(store, 'user 1', 'phone')
  await markIds(store, 'user 1', 'read', [id])
  await store.entry({ user: 'user 1', id })
  await store.notification(known(id))
  await store.deliveries({ ...known(id), after: undefined, limit: 10 })
  await store.latest(users)
  await store.due(AT)
  const sender = SHOP
  await store.keepReceipt({ sender, idempotency: { key: 'l', fingerprint: 'a' }, at: AT, receipt })
  await store.recall({ id, sender, at: AT, limit: 10 })
  for (const _step of numbers(1, 4)) await store.stepFanOut({ at: AT, limit: 10 })
  const later = await send(store, users, { dueAt: AT + 1 })
  await store.recall({ id: later.receipt.id, sender, at: AT, limit: 10 })
  await send(store, users, { dueAt: AT + 1, collapseKey: 'k', expiresAt: AT + 2 })
  await store.fire({ at: AT + 1, limit: 10 })
  await store.expire({ at: AT + 2, limit: 100 })
  await send(store, EVERYONE, { collapseKey: 'k' })
  await store.stepFanOut({ at: AT, limit: 100 })
  const found = await store.forgettable({ after: undefined, limit: 100, acceptedBefore: AT + 1e9 })
  await store.forget({ ...found, acceptedBefore: AT + 1e9, limit: 10_000 })
  await store.figures()
}

async function useCluster({ cluster }: PostgresStore): Promise<void> {
  const life = 'a life'
  await cluster.beginLife({ life, leaseMs: 60_000 })
  const present = numbers(1, 20).map((number) => ({
    connection: `connection ${number}`,
    user: `user ${number}`,
    device: 'phone',
    connectedAt: AT,
    heardAt: AT,
  }))
  await cluster.tellPresence({ life, leaseMs: 60_000, present, gone: ['another'], total: 20 })
  await cluster.presentUserOf({ except: '', connection: 'connection 1' })
  await cluster.presentConnections({ except: '', user: 'user 1' })
  await cluster.newestPresent({ except: '', limit: 10 })
  await cluster.giveOrders([{ node: 'one', content: '{}' }])
  await cluster.lastOrder()
  await cluster.ordersAfter({ after: 0, node: 'two', limit: 10 })
  await cluster.forgetOrders({ olderThanMs: 1, limit: 10 })
  await cluster.claimDuty({ duty: 'retention', node: 'one', forMs: 1_000 })
  await cluster.revokedAfter({ after: 0, limit: 10 })
  await cluster.lastRevoked()
  await cluster.endLife({ life })
  await cluster.sweepPresence({ limit: 10 })
}
