import { describe, expect, test } from 'vitest'
import { FrameLog, pretty } from '../../../src/console/state/frame-log.js'

function logOf(count: number): FrameLog {
  const log = new FrameLog()
  for (let seq = 1; seq <= count; seq++) log.add({ direction: 'sent', text: `{"seq":${seq}}` })
  return log
}

describe('the log of frames', () => {
  test('keeps the newest 500, the last one last', () => {
    const { rows, count } = logOf(510)
    expect(count).toBe(510)
    expect(rows.map(({ text }) => text)).toEqual(
      Array.from({ length: 500 }, (_, index) => `{"seq":${index + 11}}`),
    )
  })

  test('holds back what comes while it is paused, and shows it then', () => {
    const log = logOf(1)
    log.pause()
    log.add({ direction: 'received', text: '{"type":"pong"}' })
    expect(log.rows).toHaveLength(1)
    expect(log.count).toBe(2)
    log.resume()
    expect(log.rows.map(({ types }) => types)).toEqual(['?', 'pong'])
  })

  test('names what is in an array', () => {
    const log = new FrameLog()
    const text = '[{"type":"updated"},{"type":"notification"},{"type":"updated"}]'
    log.add({ direction: 'received', text })
    expect(log.rows[0]?.types).toBe('updated ×2, notification')
  })

  test('shows a text that is not JSON as it is', () => {
    expect(pretty('oh')).toBe('oh')
    expect(pretty('{"a":[1]}')).toBe('{\n  "a": [\n    1\n  ]\n}')
  })

  test('is empty once it is cleared, and tells of each change', () => {
    const log = logOf(3)
    let changes = 0
    const end = log.watch(() => changes++)
    log.clear()
    expect(log.rows).toEqual([])
    end()
    log.clear()
    expect(changes).toBe(1)
  })
})
