import { once } from 'node:events'
import type { Server } from 'node:net'
import { endWithParent, tellParent } from '../child-side.js'

/** Lets a floor's server listen on a free port of the loopback address, and says where. */
export async function listen(server: Pick<Server, 'listen' | 'address'> & NodeJS.EventEmitter) {
  endWithParent()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  tellParent({ kind: 'listening', url: `http://127.0.0.1:${address.port}` })
}
