import type {
  LiveConnection,
  LiveEnd,
  LiveObserver,
  LiveSelection,
  LiveTarget,
  LocalConnections,
  UsersConnection,
} from '../../src/inbox/live.js'

/** The connections of one node, which only note what reaches them. Named `user device`, unlike any other. */
export class FakeSessions implements LocalConnections {
  readonly heard: [connection: string, contentJson: string][] = []
  readonly ended: [connection: string, why: string][] = []
  looksForRevoked = 0
  readonly #all = new Map<string, UsersConnection>()
  readonly #observer: LiveObserver

  constructor(observer: LiveObserver) {
    this.#observer = observer
  }

  join(name: string, connectedAt = 1_000): void {
    const [user = '', device = ''] = name.split(' ')
    this.#all.set(name, { connection: name, user, device, connectedAt, heardAt: connectedAt })
    this.#observer.joined(name, user)
  }

  hear(name: string, heardAt: number): void {
    const found = this.#all.get(name)
    if (found) this.#all.set(name, { ...found, heardAt })
  }

  leave(name: string): void {
    const found = this.#all.get(name)
    if (this.#all.delete(name)) this.#observer.left(name, found?.user ?? '')
  }

  find(connection: string): UsersConnection | undefined {
    return this.#all.get(connection)
  }

  names(): Iterable<string> {
    return this.#all.keys()
  }

  deliver(target: LiveTarget, contentJson: string): Promise<void> {
    for (const connection of this.#all.values()) {
      if (isMeant(target, connection)) this.heard.push([connection.connection, contentJson])
    }
    return Promise.resolve()
  }

  users(): Promise<string[]> {
    return Promise.resolve([...new Set([...this.#all.values()].map(({ user }) => user))])
  }

  userOf(connection: string): Promise<string | undefined> {
    return Promise.resolve(this.#all.get(connection)?.user)
  }

  connections(user: string): Promise<LiveConnection[]> {
    const found = [...this.#all.values()].filter((connection) => connection.user === user)
    return Promise.resolve(found.map(({ user: _user, ...connection }) => connection))
  }

  newest(limit: number): Promise<{ connections: UsersConnection[]; total: number }> {
    const all = [...this.#all.values()].toReversed()
    return Promise.resolve({ connections: all.slice(0, limit), total: all.length })
  }

  end({ user, device, connection }: LiveSelection, why: LiveEnd): Promise<number> {
    const chosen = [...this.#all.values()].filter(
      (one) =>
        one.user === user &&
        (device === undefined || one.device === device) &&
        (connection === undefined || one.connection === connection),
    )
    for (const { connection: name } of chosen) {
      this.ended.push([name, why.kind === 'reconnect' ? why.kind : why.code])
      this.leave(name)
    }
    return Promise.resolve(chosen.length)
  }

  endRevoked(): Promise<void> {
    this.looksForRevoked += 1
    return Promise.resolve()
  }
}

function isMeant(target: LiveTarget, { user, device, connection }: UsersConnection): boolean {
  switch (target.kind) {
    case 'users':
      return target.users.includes(user)
    case 'device':
      return target.user === user && target.device === device
    case 'connection':
      return target.connection === connection
    case 'everyone':
      return true
  }
}
