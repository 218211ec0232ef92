import { Device } from './device.js'
import { readKept, writeKept, type Kept, type KeptPane } from './kept.js'
import { Outbox } from './outbox.js'
import type { Session } from './session.js'
import { Traffic } from './traffic.js'

/** All that is there once somebody has signed in; it lasts until they sign out. */
export class Workbench {
  readonly user: string
  readonly left: Device
  readonly right: Device
  readonly outbox: Outbox
  readonly traffic: Traffic
  readonly #ends: (() => void)[]

  private constructor(session: Session, kept: Kept) {
    this.user = kept.user
    this.left = new Device('left', session, kept.left)
    this.right = new Device('right', session, kept.right)
    this.outbox = new Outbox(session)
    this.traffic = new Traffic(session)
    // A token that was pasted is gone with the page that had it.
    const reconnects = this.devices.filter(({ side, mints }) => mints && kept[side].isConnected)
    for (const device of reconnects) device.connect()
    const keep = (): void =>
      writeKept({ user: this.user, left: keptOf(this.left), right: keptOf(this.right) })
    keep()
    this.#ends = this.devices.map((device) => device.watch(keep))
    this.traffic.start()
  }

  /** Begins with two devices of the user, connected where their tokens are minted. */
  static begin(session: Session, user: string): Workbench {
    const pane = (device: string): KeptPane => ({ user, device, isConnected: session.mints })
    return new Workbench(session, { user, left: pane('phone'), right: pane('laptop') })
  }

  /** Goes on where a reload of the page broke off; undefined where nothing was. */
  static resume(session: Session): Workbench | undefined {
    const kept = readKept()
    return kept && new Workbench(session, kept)
  }

  get devices(): readonly [Device, Device] {
    return [this.left, this.right]
  }

  /** Signs out: what was kept for a reload goes too. */
  async end(): Promise<void> {
    for (const end of this.#ends) end()
    this.traffic.stop()
    writeKept(undefined)
    await Promise.all(this.devices.map((device) => device.disconnect()))
  }
}

function keptOf({ user, name, isOn }: Device): KeptPane {
  return { user, device: name, isConnected: isOn }
}
