import { expect, test } from 'vitest'
import { unsynced } from './trace.js'

const post = (path: string): string => `7 read(21, "POST ${path} HTTP/1.1\\r\\nh"..., 65536) = 325`
const answered = (status: string): string =>
  `7 write(21, "HTTP/1.1 ${status}\\r\\ncontent-type"..., 400) = 400`

const request = post('/v1/notifications')
const answer = answered('201 Created')

test('counts a mark as it counts a send', () => {
  const [mark, done] = [post('/v1/inbox/mark'), answered('200 OK')]
  const sent = [request, '9 fdatasync(17) = 0', answer]
  expect(unsynced([...sent, mark, done].join('\n'))).toEqual({ answers: 2, missing: 1 })
  const synced = [...sent, mark, '9 fdatasync(17) = 0', done]
  expect(unsynced(synced.join('\n'))).toEqual({ answers: 2, missing: 0 })
})

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
