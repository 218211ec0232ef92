// Read first by a server whose memory is measured: on SIGUSR2 it lets go of all that nobody needs any more.

import { Session } from 'node:inspector'
import { isMainThread } from 'node:worker_threads'

if (isMainThread) {
  process.on('SIGUSR2', () => {
    const session = new Session()
    session.connect()
    session.post('HeapProfiler.collectGarbage')
    session.disconnect()
  })
}
