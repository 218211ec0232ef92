import { NotificationMessage } from '../../../src/protocol/down/notification.js'
import type { Entry } from '../messages.js'
import { userToken } from '../tokens.js'
import { Device, type DeviceListener } from './device.js'
import { inTurn } from './requests.js'

/** How long nothing may come before what has not come counts as missing, in milliseconds: at least this, at most twice as long. */
const SILENCE_MS = 10_000

/** Handshakes under way: more than a system queues for a server by default would wait a second for their next try. */
const OPENING_AT_ONCE = 200

/** A user who connects. */
export interface Passenger {
  user: string
  token: string
}

export interface FleetOptions {
  /** Where the nodes are reached: devices go to all of them in turn. */
  urls: readonly string[]
  /** Of each user's device, where it is not the usual one. */
  name?: string
  /** What each handshake says beside the device. */
  query?: string
  /** Told of each notification that comes, when it comes. */
  received?: (user: string) => void
}

/** Users and their tokens. */
export function withTokens(secret: string, users: readonly string[]): Promise<Passenger[]> {
  return Promise.all(users.map(async (user) => ({ user, token: await userToken(secret, user) })))
}

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
  readonly #note: (user: string) => void

  private constructor(fail: (error: Error) => void, note: FleetOptions['received']) {
    this.#fail = fail
    this.#note = note ?? (() => undefined)
  }

  /**
   * Opens every socket, and waits until each has caught up; `fail` is called when one ends by itself.
   */
  static async open(
    { urls, name, query, received }: FleetOptions,
    passengers: readonly Passenger[],
    fail: (error: Error) => void,
  ): Promise<Fleet> {
    const fleet = new Fleet(fail, received)
    const listener = fleet.#listener()
    const waiting = passengers.entries()
    const openInTurn = async (): Promise<void> => {
      for (const [index, passenger] of waiting) {
        const url = inTurn(urls, index)
        fleet.#devices.push(await Device.open(url, { ...passenger, name, query }, listener))
      }
    }
    await Promise.all(Array.from({ length: OPENING_AT_ONCE }, openInTurn))
    await fleet.#until(() => fleet.#caughtUp === passengers.length)
    return fleet
  }

  /** Devices that have caught up. */
  get caughtUp(): number {
    return this.#caughtUp
  }

  close(): void {
    for (const device of this.#devices) device.close()
  }

  /** Waits until so many notifications have come in all since they were last taken. */
  hasReceived(expected: number): Promise<void> {
    return this.#until(() => this.#received >= expected)
  }

  /**
   * Waits until so many notifications have come in all since the last call, and then until all that the servers sent
   * meanwhile has come as well, so that a doubled one is seen too.
   */
  async takeReceived(expected: number): Promise<{ received: Entry[]; lastReceived: number }> {
    await this.hasReceived(expected)
    const lastReceived = this.#lastReceived
    this.#ponged = 0
    for (const device of this.#devices) device.ping()
    await this.#until(() => this.#ponged === this.#devices.length)
    this.#received = 0
    const received = this.#devices.flatMap((device) => entriesOf(device))
    return { received, lastReceived }
  }

  #listener(): DeviceListener {
    return {
      received: (user) => {
        this.#received++
        this.#note(user)
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

  /** Resolves when it is so, or when nothing comes any more: the oracle says what is missing then. */
  #until(isSo: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      let isSilent = false
      const patience = setInterval(() => {
        if (isSilent) end()
        isSilent = true
      }, SILENCE_MS)
      const end = (): void => {
        clearInterval(patience)
        this.#look = () => undefined
        resolve()
      }
      this.#look = () => {
        isSilent = false
        if (isSo()) end()
      }
      this.#look()
    })
  }
}

/**
 * What a device has received since it was last asked.
 * @throws Error where a frame is not as the protocol has it
 */
function entriesOf(device: Device): Entry[] {
  const frames = device.takeReceived().flatMap((text): unknown => JSON.parse(text.toString()))
  return frames.map((frame) => {
    const { payload } = NotificationMessage.parse(frame)
    return [device.user, payload.seq, payload.notification.id]
  })
}
