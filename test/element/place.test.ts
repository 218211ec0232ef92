import { describe, expect, test } from 'vitest'
import { place } from '../../src/element/place.js'

/** A bell of 40 × 40 with its upper left corner there. */
const bellAt = (left: number, top: number) => ({ left, top, right: left + 40, bottom: top + 40 })
const WIDE = { width: 1_000, height: 800 }

describe('the panel', () => {
  test('stands below its bell, and shares an edge with it', () => {
    const options = { width: 400, window: WIDE }
    expect(place(bellAt(900, 10), { ...options, edge: 'right' })).toEqual({
      left: 540,
      from: 'top',
      offset: 58,
      maxHeight: 734,
    })
    expect(place(bellAt(100, 10), { ...options, edge: 'left' }).left).toBe(100)
  })

  test('never leaves the window', () => {
    const options = { width: 400, window: WIDE }
    expect(place(bellAt(100, 10), { ...options, edge: 'right' }).left).toBe(8)
    expect(place(bellAt(900, 10), { ...options, edge: 'left' }).left).toBe(592)
  })

  test('stands above a bell at the bottom', () => {
    expect(place(bellAt(900, 750), { width: 400, window: WIDE, edge: 'right' })).toMatchObject({
      from: 'bottom',
      offset: 58,
      maxHeight: 734,
    })
  })

  test('takes the whole window where there is room on neither side', () => {
    const window = { width: 600, height: 300 }
    expect(place(bellAt(500, 130), { width: 400, window, edge: 'right' })).toMatchObject({
      offset: 8,
      maxHeight: 284,
    })
  })

  test('stays at the edge where its bell was scrolled away', () => {
    expect(place(bellAt(900, -500), { width: 400, window: WIDE, edge: 'right' })).toMatchObject({
      from: 'top',
      offset: 8,
      maxHeight: 784,
    })
  })
})
