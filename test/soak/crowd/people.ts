import type { Mark } from '../../../src/protocol/mark.js'
import type { Visit } from './visit.js'

/** A notification as the crowd sent it. It is known by its title, since it may arrive before its sender hears of its id. */
export interface Sending {
  readonly title: string
  readonly to: ReadonlySet<Person>
  readonly collapseKey: string | null
  /** Answered with 2xx: it is there. Else it may be, since a service was killed before it could answer. */
  isSure: boolean
  id: string | undefined
  /** Where it stood in its one user's log, as its sender was told. */
  arrivedSeq: number | undefined
  /** In milliseconds since 1970; Infinity where it never ends. */
  expiresAt: number
  /** It was to be taken back. */
  isRecalled: boolean
  /** `performance.now()` when it was gone from every inbox. */
  goneAt: number
}

/** What a user has said of an entry. */
export interface State {
  seen: boolean
  read: boolean
  archived: boolean
}

/** An entry as a device holds it. */
export interface Held extends State {
  seq: number
}

/** A mark that was taken, in the order in which they were. */
export interface Marked {
  action: Mark['action']
  covers: (sending: Sending, arrivedSeq: number) => boolean
}

/** A user, with everything that was ever sent to it, and what it has said of it. */
export class Person {
  readonly name: string
  readonly token: string
  devices: Device[] = []
  readonly sendings = new Set<Sending>()
  readonly byId = new Map<string, Sending>()
  readonly marks: Marked[] = []
  /** One mark after the other, so that their order is known. */
  isMarking = false
  epoch: string | undefined

  constructor(name: string, token: string) {
    this.name = name
    this.token = token
  }
}

/** A device with what it keeps between two connections: what it holds, and how far it is. */
export class Device {
  readonly person: Person
  readonly name: string
  readonly holds = new Map<Sending, Held>()
  /** All whose content it was ever sent. */
  readonly received = new Set<Sending>()
  /** The highest `seq` that it has taken in, that it has acknowledged, and that the service has said is on disk. */
  taken = 0
  acknowledging = 0
  acknowledged = 0
  /** Its connection, while it has one. */
  visit: Visit | undefined
  /** It was removed: it does not come back. */
  isRemoved = false

  constructor(person: Person, name: string) {
    this.person = person
    this.name = name
  }

  /** For whoever reads what went wrong. */
  get label(): string {
    return `${this.person.name}/${this.name}`
  }
}
