import { join } from 'node:path'
import { expect, test } from 'vitest'
import { serviceToken, startService, temporaryFolder, type Api } from '../harness.js'
import { mebibytes, residentBytes } from '../memory.js'
import { ServiceProcess } from '../process.js'

const COUNT = 4_000
const BODY_BYTES = 32 * 1024
const POSTERS = 16

async function postLarge(api: Api, user: string): Promise<void> {
  const token = await serviceToken()
  let posted = 0
  const post = async (): Promise<void> => {
    while (posted++ < COUNT) {
      const answer = await api.post(
        { to: { users: [user, 'quick'] }, type: 'test', body: 'x'.repeat(BODY_BYTES) },
        { token },
      )
      expect(answer.status).toBe(201)
      await answer.arrayBuffer()
    }
  }
  await Promise.all(Array.from({ length: POSTERS }, post))
}

test('a reader that stops reading costs bounded memory, holds nobody up, and has everything when it is back', async () => {
  using folder = temporaryFolder()
  // The window is wide open: what bounds the memory here is the socket's buffer alone.
  await using service = await ServiceProcess.start(join(folder.path, 'posthorn.db'), {
    MAX_UNACKED: '100000',
    // All that waits for it is kept, and nothing is trimmed, which would take memory in the second half alone.
    INBOX_LIMIT: '10000',
    LOG_LEVEL: 'info',
  })
  const { api } = service
  await using stalled = await api.connect('slow')
  await stalled.first('caught_up')
  await using quick = await api.connect('quick', { acknowledges: true })
  await quick.first('caught_up')

  // As much again first, to a user who has no device, so that the heap has the size that this load needs.
  await postLarge(api, 'nobody')
  await quick.received(COUNT)
  const before = residentBytes(service.pid)
  stalled.socket.pause()
  await postLarge(api, 'slow')
  await quick.received(2 * COUNT)
  const after = residentBytes(service.pid)

  const posted = mebibytes(COUNT * BODY_BYTES)
  console.info(
    `slow reader: ${posted} waiting, resident ${mebibytes(before)} → ${mebibytes(after)}`,
  )
  // Had the heartbeat closed it meanwhile, nothing would have been measured.
  expect(service.log.filter(({ msg }) => msg === 'connection closed')).toEqual([])
  expect(after - before).toBeLessThan((COUNT * BODY_BYTES) / 2)
  stalled.socket.resume()
  await stalled.cut()
  await using back = await api.connect('slow', { acknowledges: true })
  await back.first('caught_up')
  expect(back.seqs).toEqual(Array.from({ length: COUNT }, (_, index) => index + 1))
}, 120_000)

test('goes on by itself when a reader that had paused reads again, without an acknowledgement', async () => {
  await using service = await startService({ environment: { MAX_UNACKED: '100000' } })
  const { api } = service
  await using client = await api.connect('alice')
  await client.first('caught_up')
  client.socket.pause()
  const large = 'x'.repeat(60 * 1024)
  for (let count = 0; count < 200; count++) await api.send('alice', large)
  client.socket.resume()
  await client.received(200)
  expect(client.seqs).toEqual(Array.from({ length: 200 }, (_, index) => index + 1))
})
