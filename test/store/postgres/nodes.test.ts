import { setImmediate } from 'node:timers/promises'
import { describe, expect, test, vi } from 'vitest'
import { stepFanOut } from '../../../src/store/postgres/fan-out.js'
import { fire } from '../../../src/store/postgres/schedule.js'
import { AT, EVERYONE, numbers, sendCommand } from '../contract/store-under-test.js'
import { openNodes, POSTGRES_BIN } from './nodes.js'

describe.skipIf(POSTGRES_BIN === undefined)('two nodes over one PostgreSQL', () => {
  test('send to the same users in different orders without a deadlock or a hole', async () => {
    await using nodes = await openNodes()
    const users = numbers(1, 40).map((number) => `user-${number}`)
    const sends = numbers(1, 60).flatMap((number) =>
      nodes.lanes.map((lane, index) => {
        const shifted = [...users.slice(number % 40), ...users.slice(0, number % 40)]
        return lane.send(sendCommand(index === 0 ? shifted : shifted.toReversed()))
      }),
    )
    expect((await Promise.all(sends)).map(({ kind }) => kind)).toEqual(sends.map(() => 'accepted'))
    const rows = await nodes.databases[0].query<{
      count: number
      top: number
      latest: number
      entries: number
      unread: number
    }>(
      `SELECT count(inbox.seq) AS count, max(inbox.seq) AS top, latest, entries, unread
       FROM users JOIN inbox ON inbox.user_id = users.id GROUP BY users.id`,
    )
    const whole = { count: 120, top: 120, latest: 120, entries: 120, unread: 120 }
    expect(rows).toEqual(users.map(() => whole))
    const [known] = await nodes.databases[0].query(
      'SELECT sum(delta)::bigint AS sum FROM known_users',
    )
    expect(known).toEqual({ sum: 40 })
  })

  test('take what comes at once after a silence that was long', async () => {
    await using nodes = await openNodes()
    const [lane] = nodes.lanes
    await lane.send(sendCommand('alice'))
    // It waits a turn for what comes along with the next.
    for (let turn = 0; turn < 3; turn++) await setImmediate()
    const now = performance.now()
    using later = vi.spyOn(performance, 'now').mockImplementation(() => now + 60_000)
    const outcomes = await Promise.all(numbers(1, 3).map(() => lane.send(sendCommand('alice'))))
    expect(outcomes.map(({ kind }) => kind)).toEqual(['accepted', 'accepted', 'accepted'])
    expect(later).toHaveBeenCalled()
  })

  test('store what comes to both at once with one idempotency key once', async () => {
    await using nodes = await openNodes()
    const outcomes = await Promise.all(
      numbers(1, 20).flatMap(() =>
        nodes.lanes.map((lane) => lane.send(sendCommand('alice', { key: 'k' }))),
      ),
    )
    expect(outcomes.filter(({ kind }) => kind === 'accepted')).toHaveLength(1)
    expect(outcomes.filter(({ kind }) => kind === 'replayed')).toHaveLength(39)
    expect(await nodes.databases[0].query('SELECT latest FROM users')).toEqual([{ latest: 1 }])
  })

  test('step one fan-out together, which reaches each once, and goes on where a node has died', async () => {
    await using nodes = await openNodes()
    const users = numbers(1, 95).map((number) => `user-${number}`)
    await nodes.lanes[0].send(sendCommand(users))
    await nodes.lanes[1].send(sendCommand(EVERYONE))
    const step = (node: 0 | 1) =>
      nodes.databases[node].transaction((transaction) =>
        stepFanOut(
          transaction,
          { at: AT, limit: 10 },
          { bounds: nodes.bounds, node: `node ${node}` },
        ),
      )
    await step(0)
    expect(await step(1)).toBeUndefined()
    // The lease of a node that has died ends by itself.
    await nodes.databases[0].query(`UPDATE fan_outs SET leased_until = '-infinity'`)
    for (let isOver = false; !isOver;) {
      const steps = await Promise.all([step(1), step(0), step(1)])
      isOver = steps.every((done) => done === undefined)
    }
    const counts = await nodes.databases[0].query(
      'SELECT DISTINCT latest, entries, unread FROM users',
    )
    expect(counts).toEqual([{ latest: 2, entries: 2, unread: 2 }])
    const [sent] = await nodes.databases[0].query(
      'SELECT status, total, stored FROM notifications ORDER BY id DESC LIMIT 1',
    )
    expect(sent).toEqual({ status: 'stored', total: 95, stored: 95 })
  })

  test('fire each once, in order', async () => {
    await using nodes = await openNodes()
    const dues = numbers(1, 30).map((number) => AT + ((number * 7) % 30) + 1)
    await Promise.all(
      dues.map((dueAt, index) =>
        nodes.lanes[index % 2 === 0 ? 0 : 1].send(
          sendCommand('alice', { dueAt, title: String(dueAt - AT) }),
        ),
      ),
    )
    const firing = (node: 0 | 1) =>
      nodes.databases[node].transaction((transaction) =>
        fire(transaction, { at: AT + 100, limit: 3 }, { bounds: nodes.bounds }),
      )
    for (let fired = 1; fired > 0;) {
      fired = (await Promise.all([firing(0), firing(1), firing(0)])).flat().length
    }
    const rows = await nodes.databases[0].query<{ title: string }>(
      `SELECT content::json ->> 'title' AS title FROM inbox
       JOIN notifications ON notifications.id = inbox.notification ORDER BY seq`,
    )
    expect(rows.map(({ title }) => Number(title))).toEqual(numbers(1, 30))
  })

  test('wait a few seconds only for a node that stopped in the middle of a transaction', async () => {
    await using nodes = await openNodes()
    await nodes.lanes[0].send(sendCommand('alice'))
    const silent = await nodes.raw()
    await silent.query('BEGIN; SET LOCAL idle_in_transaction_session_timeout = 2000')
    await silent.query(`SELECT 1 FROM users WHERE name = 'alice' FOR UPDATE`)
    const begun = performance.now()
    const outcome = await nodes.lanes[1].send(sendCommand('alice'))
    expect(outcome).toMatchObject({ kind: 'accepted', receipt: { seq: 2 } })
    expect(performance.now() - begun).toBeLessThan(8_000)
    await silent.end().catch(() => undefined)
  })

  test('refuse a send that fails alone in its group', async () => {
    await using nodes = await openNodes({ inboxLimit: 2 })
    const twice = sendCommand('bob')
    await nodes.lanes[0].send(twice)
    const outcomes = await Promise.allSettled(
      numbers(1, 5).map((number) =>
        nodes.lanes[0].send(number === 3 ? { ...twice } : sendCommand('alice')),
      ),
    )
    expect(outcomes.map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'rejected',
      'fulfilled',
      'fulfilled',
    ])
    const [alice] = await nodes.databases[0].query(
      `SELECT latest, horizon, entries, unread FROM users WHERE name = 'alice'`,
    )
    expect(alice).toEqual({ latest: 4, horizon: 2, entries: 2, unread: 2 })
  })
})
