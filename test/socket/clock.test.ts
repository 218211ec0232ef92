import { expect, test, vi } from 'vitest'
import { startService, tokenFor } from '../harness.js'

test.each([-3_600_000, 3_600_000])(
  'keeps its heartbeat and finds the dead though the clock jumps by %i ms',
  async (jump) => {
    let offset = 0
    await using service = await startService({
      environment: { HEARTBEAT_MS: '100' },
      limits: { pongMs: 200 },
      clock: () => Date.now() + offset,
    })
    const { api } = service
    await using alive = await api.connect('alice', { device: 'alive', token: await longToken() })
    await using dead = await api.connect('alice', { device: 'dead', token: await longToken() })
    await Promise.all([alive.first('caught_up'), dead.first('caught_up')])

    offset = jump
    dead.socket.pause()
    await vi.waitFor(() => expect(service.connections()).toBe(1), { timeout: 5_000 })
    dead.socket.resume()
    expect((await dead.closed).code).toBe(4408)
    alive.send({ type: 'ping', id: 'still' })
    expect(await alive.first('pong')).toMatchObject({ id: 'still' })
  },
)

/** One that outlives the jump. */
function longToken(): Promise<string> {
  return tokenFor('alice', {}, { ttlSeconds: 86_400 })
}
