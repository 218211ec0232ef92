import type { TestClient } from '../client.js'

/** A clock that only the test moves; it begins at a whole second, as tokens count. */
export class TestClock {
  /** Seconds since 1970 at which the test began. */
  readonly start = Math.floor(Date.now() / 1_000)
  #passedMs = 0

  readonly now = (): number => this.start * 1_000 + this.#passedMs

  /** Moves to so many milliseconds after the start. */
  moveTo(milliseconds: number): void {
    this.#passedMs = milliseconds
  }
}

/** Heartbeats that make the service look at the time every 25 ms. */
export const QUICK_TICKS = { HEARTBEAT_MS: '100' }

/** Resolves when the service has looked at the time after this was called: it pings at one look or another. */
export async function afterTick({ socket }: TestClient): Promise<void> {
  // The first ping may have been on its way already.
  for (let count = 0; count < 2; count++) {
    await new Promise<void>((resolve, reject) => {
      const closed = (code: number): void => reject(new Error(`closed ${code} before a ping`))
      socket.once('close', closed)
      socket.once('ping', () => {
        socket.off('close', closed)
        resolve()
      })
    })
  }
}
