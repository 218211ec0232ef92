import { expect, test } from 'vitest'
import { unsynced } from './trace.js'

const request = '7 read(21, "POST /v1/notifications HTTP/1.1\\r\\nh"..., 65536) = 325'
const answer = '7 write(21, "HTTP/1.1 201 Created\\r\\ncontent-type"..., 400) = 400'

test('counts an answer before which a sync was completed as synced', () => {
  const whole = ['9 fdatasync(17) = 0']
  const halves = ['9 fdatasync(17 <unfinished ...>', '9 <... fdatasync resumed>) = 0']
  for (const sync of [whole, halves]) {
    expect(unsynced([request, ...sync, answer].join('\n'))).toEqual({ answers: 1, missing: 0 })
  }
})

test('counts an answer that no completed sync stands before', () => {
  for (const sync of [[], ['9 fdatasync(17 <unfinished ...>'], ['9 fdatasync(17) = -1 EIO']]) {
    expect(unsynced([request, ...sync, answer].join('\n'))).toEqual({ answers: 1, missing: 1 })
  }
  expect(unsynced(['9 fdatasync(17) = 0', request, answer].join('\n')).missing).toBe(1)
})
