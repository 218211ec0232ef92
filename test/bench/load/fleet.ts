import { setTimeout as wait } from 'node:timers/promises'
import { NotificationMessage } from '../../../src/protocol/down/notification.js'
import type { Entry } from '../messages.js'
import { userToken } from '../tokens.js'
import { Device, type DeviceListener } from './device.js'

/** How long a notification may take before it counts as missing, in milliseconds. */
const DELIVERY_TIMEOUT_MS = 10_000

/** Handshakes that are under way together. */
const OPENING_AT_ONCE = 50

/** The devices of all users, a socket each. */
export class Fleet {
  #devices: Device[] = []
  #received = 0
  #lastReceived = 0
  #caughtUp = 0
  #ponged = 0
  /** Called on whatever comes: looks whether what somebody waits for is there. */
  #look: () => void = () => undefined
  readonly #fail: (error: Error) => void

  private constructor(fail: (error: Error) => void) {
    this.#fail = fail
  }

  /** Opens every socket, and waits until each has caught up; `fail` is called when one ends later on. */
  static async open(
    { url, secret }: { url: string; secret: string },
    users: readonly string[],
    fail: (error: Error) => void,
  ): Promise<Fleet> {
    const fleet = new Fleet(fail)
    const listener = fleet.#listener()
    for (let from = 0; from < users.length; from += OPENING_AT_ONCE) {
      const opened = users.slice(from, from + OPENING_AT_ONCE).map(async (user) => {
        return Device.open(url, { user, token: await userToken(secret, user) }, listener)
      })
      fleet.#devices.push(...(await Promise.all(opened)))
    }
    await fleet.#until(() => fleet.#caughtUp === users.length)
    return fleet
  }

  /**
   * Waits until so many notifications have come in all since the last call, and then until all that the servers sent
   * meanwhile has come as well, so that a doubled one is seen too.
   */
  async takeReceived(expected: number): Promise<{ received: Entry[]; lastReceived: number }> {
    await this.#until(() => this.#received >= expected)
    const lastReceived = this.#lastReceived
    this.#ponged = 0
    for (const device of this.#devices) device.ping()
    await this.#until(() => this.#ponged === this.#devices.length)
    this.#received = 0
    const received = this.#devices.flatMap((device) =>
      device.takeReceived().map((frame) => readFrame(device.user, frame)),
    )
    return { received, lastReceived }
  }

  #listener(): DeviceListener {
    return {
      received: () => {
        this.#received++
        this.#lastReceived = performance.now()
        this.#look()
      },
      caughtUp: () => {
        this.#caughtUp++
        this.#look()
      },
      ponged: () => {
        this.#ponged++
        this.#look()
      },
      failed: this.#fail,
    }
  }

  /** Resolves when it is so, or when it has not come to be so in time: the oracle says what is missing then. */
  async #until(isSo: () => boolean): Promise<void> {
    if (isSo()) return
    const timeout = new AbortController()
    const seen = new Promise<void>((resolve) => {
      this.#look = () => {
        if (isSo()) resolve()
      }
    })
    await Promise.race([
      seen,
      wait(DELIVERY_TIMEOUT_MS, undefined, { signal: timeout.signal }).catch(() => undefined),
    ])
    timeout.abort()
    this.#look = () => undefined
  }
}

/** @throws Error where the frame is not as the protocol has it */
function readFrame(user: string, frame: Buffer): Entry {
  const { payload } = NotificationMessage.parse(JSON.parse(frame.toString()))
  return [user, payload.seq, payload.notification.id]
}
