import { describe, expect, test } from 'vitest'
import { placeAfter, type Place } from '../../../src/console/state/place.js'

const welcome = (cursor: number, latest: number): string =>
  JSON.stringify({
    type: 'welcome',
    payload: {
      connection: 'c',
      user: 'alice',
      device: 'phone',
      epoch: 'e',
      cursor,
      latest,
      unread: 0,
      unseen: 0,
      heartbeatMs: 25_000,
      maxUnacked: 512,
      maxFrameBytes: 16_384,
      tokenExpiresAt: '2026-11-22T10:00:00.000Z',
      serverTime: '2026-11-22T10:00:00.000Z',
    },
  })
const caughtUp = (seq: number): string =>
  JSON.stringify({ type: 'caught_up', payload: { seq, unread: 0, unseen: 0 } })

const ack = (seq: number): ['sent', string] => ['sent', `{"type":"ack","payload":{"seq":${seq}}}`]

const after = (...frames: ['sent' | 'received', string][]): Place | undefined => {
  let place: Place | undefined
  for (const [direction, text] of frames) place = placeAfter(place, { direction, text })
  return place
}

describe('the place of a device', () => {
  test('is told by the welcome', () => {
    expect(after(['received', welcome(3, 5)])).toEqual({
      connection: 'c',
      epoch: 'e',
      cursor: 3,
      latest: 5,
    })
  })

  test('moves with what is acknowledged, and never back', () => {
    expect(after(['received', welcome(3, 5)], ack(5), ack(4))?.cursor).toBe(5)
  })

  test('moves with what arrives, in an array too', () => {
    expect(
      after(['received', welcome(3, 5)], ['received', `[${caughtUp(6)},${caughtUp(7)}]`])?.latest,
    ).toBe(7)
  })

  test('is a new one with a new welcome, even where that is lower', () => {
    expect(after(['received', welcome(9, 9)], ['received', welcome(0, 1)])).toMatchObject({
      cursor: 0,
      latest: 1,
    })
  })

  test('is the same object where nothing moved', () => {
    const place = after(['received', welcome(3, 5)])
    expect(placeAfter(place, { direction: 'sent', text: '{"type":"ping"}' })).toBe(place)
    expect(placeAfter(place, { direction: 'received', text: 'not JSON' })).toBe(place)
  })
})
