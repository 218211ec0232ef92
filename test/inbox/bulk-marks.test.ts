import { queryObjects } from 'node:v8'
import { describe, expect, test } from 'vitest'
import { EventWindow } from '../../src/inbox/event-window.js'
import { numbers } from '../store/contract/store-under-test.js'
import { openMarker, pathsOf } from './marker-under-test.js'

describe('bulk marks', () => {
  const limited = { code: 'rate_limited' }

  test('of one user are five a second, whether they change anything or not; marks by ids are free', async () => {
    await using setup = await openMarker(3)
    const { marker, moves, steps, ids } = setup
    for (const upTo of [0, 1, 1, 2, 2]) await setup.upTo('alice', 'seen', upTo)
    await expect(setup.upTo('alice', 'seen', 3)).rejects.toMatchObject(limited)
    expect(steps).toHaveLength(5)
    expect(pathsOf(moves)).toEqual([
      [1, 4],
      [2, 5],
    ])
    for (const id of ids) await marker.mark('alice', { action: 'read', ids: [id] })
    expect(await setup.upTo('bob', 'seen', 3)).toMatchObject({ updated: 0 })
    await expect(setup.upTo('alice', 'seen', 3)).rejects.toMatchObject(limited)
  })

  test('that come at once are five as well', async () => {
    await using setup = await openMarker(3)
    const marks = await Promise.allSettled(numbers(1, 8).map(() => setup.upTo('alice', 'read', 3)))
    expect(marks.filter(({ status }) => status === 'fulfilled')).toHaveLength(5)
    expect(pathsOf(setup.moves)).toHaveLength(3)
  })

  test('are free again a second after each, and a refused one costs nothing', async () => {
    await using setup = await openMarker(1)
    const at = async (milliseconds: number): Promise<string> => {
      setup.time.stopwatch = milliseconds
      const [outcome] = await Promise.allSettled([setup.upTo('alice', 'seen', 1)])
      return outcome.status
    }
    for (const milliseconds of [0, 200, 400, 600, 800]) {
      expect(await at(milliseconds)).toBe('fulfilled')
    }
    for (const milliseconds of [800, 900, 999]) expect(await at(milliseconds)).toBe('rejected')
    expect(await at(1_000)).toBe('fulfilled')
    expect(await at(1_199)).toBe('rejected')
    expect(await at(1_200)).toBe('fulfilled')
  })

  test('are remembered for the whole second, whoever else marks within it', async () => {
    await using setup = await openMarker()
    for (const _ of numbers(1, 5)) await setup.upTo('alice', 'seen', 1)
    setup.time.stopwatch = 999
    await setup.upTo('bob', 'seen', 1)
    await expect(setup.upTo('alice', 'seen', 1)).rejects.toMatchObject(limited)
    setup.time.stopwatch = 1_000
    await expect(setup.upTo('alice', 'seen', 1)).resolves.toMatchObject({ updated: 0 })
  })

  test('of users that have been idle for a second are forgotten, those of the others are not', async () => {
    await using setup = await openMarker()
    const epoch = await setup.epochOf('alice')
    const mark = (user: string) => setup.marker.mark(user, { action: 'seen', upTo: 1, epoch })
    const before = queryObjects(EventWindow, { format: 'count' })
    // The first to come, and busy still: it is not taken for idle, nor do the idle hide behind it.
    for (const _ of numbers(1, 2)) await mark('alice')
    await Promise.all(numbers(1, 500).map((number) => mark(`user-${number}`)))
    expect(queryObjects(EventWindow, { format: 'count' }) - before).toBe(501)
    setup.time.stopwatch = 999
    for (const _ of numbers(1, 3)) await mark('alice')
    await expect(mark('alice')).rejects.toMatchObject(limited)
    setup.time.stopwatch = 1_000
    await mark('bob')
    expect(queryObjects(EventWindow, { format: 'count' }) - before).toBe(2)
    // Two of hers have gone with time, three have not.
    for (const _ of numbers(1, 2)) await mark('alice')
    await expect(mark('alice')).rejects.toMatchObject(limited)
  })
})
