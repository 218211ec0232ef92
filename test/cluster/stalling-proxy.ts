import { once } from 'node:events'
import { createServer, connect, type Socket } from 'node:net'

/** A way to a server on this machine that can be made to carry nothing, as where a cable is cut: nobody is told. */
export interface StallingProxy {
  port: number
  stall: () => void
  /** It carries again, for connections that are made from now on. */
  flow: () => void
  [Symbol.asyncDispose]: () => Promise<void>
}

export async function startStallingProxy(to: number): Promise<StallingProxy> {
  const sockets = new Set<Socket>()
  let isStalled = false
  const server = createServer((near) => {
    const far = connect(to, '127.0.0.1')
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        sockets.delete(socket)
        near.destroy()
        far.destroy()
      })
    }
    if (isStalled) return
    near.pipe(far)
    far.pipe(near)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('a port has a number')
  return {
    port: address.port,
    stall: () => {
      isStalled = true
      for (const socket of sockets) socket.unpipe().pause()
    },
    flow: () => {
      isStalled = false
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
