import { ServiceProcess, type RunningService } from '../process.js'
import { Balancer } from './balancer.js'

/** What every node of these tests is told beside its database: no limit that a storm of reconnects from one address would meet. */
const ENVIRONMENT = {
  ADDRESS_UPGRADES_PER_SECOND: '0',
  HEARTBEAT_MS: '1000',
  INBOX_LIMIT: '100000',
  LOG_LEVEL: 'info',
  USER_REQUESTS_PER_SECOND: '0',
}

/** What tells one node from another. */
export interface NodeSettings {
  name: string
  databasePath?: string
  environment?: Record<string, string>
}

/** Real processes over one database, and the balancer before them. */
export class Cluster {
  readonly #balancer: Balancer
  readonly #settings: readonly NodeSettings[]
  readonly #nodes = new Map<string, RunningService>()

  private constructor(balancer: Balancer, settings: readonly NodeSettings[]) {
    this.#balancer = balancer
    this.#settings = settings
  }

  /** Starts all nodes at once; resolves when each of them is ready. */
  static async start(settings: readonly NodeSettings[]): Promise<Cluster> {
    const cluster = new Cluster(await Balancer.open(), settings)
    try {
      await Promise.all(settings.map(({ name }) => cluster.start(name)))
    } catch (error) {
      await cluster[Symbol.asyncDispose]()
      throw error
    }
    return cluster
  }

  /** Where clients come in. */
  get url(): string {
    return this.#balancer.url
  }

  get names(): string[] {
    return this.#settings.map(({ name }) => name)
  }

  /** The nodes that say that they are ready, however long that takes them. */
  async askWhoIsReady(): Promise<string[]> {
    const ready: string[] = []
    for (const [name, { api }] of [...this.#nodes].toSorted(([one], [other]) =>
      one < other ? -1 : 1,
    )) {
      const answer = await api.request('/readyz').catch(() => undefined)
      await answer?.text()
      if (answer?.ok === true) ready.push(name)
    }
    return ready
  }

  node(name: string): RunningService {
    const node = this.#nodes.get(name)
    if (!node) throw new Error(`there is no node ${name}`)
    return node
  }

  /** Starts a node, or starts it again; resolves when the balancer may lead to it. */
  async start(name: string): Promise<void> {
    const settings = this.#settings.find((one) => one.name === name)
    const { databasePath = '', environment = {} } = settings ?? {}
    const node = await ServiceProcess.start(databasePath, { ...ENVIRONMENT, ...environment })
    this.#nodes.set(name, node)
    await this.#balancer.set(name, node.api.url)
  }

  /** Ends a node without warning. */
  async kill(name: string): Promise<void> {
    await this.node(name).kill()
  }

  /** Ends a node as its operator does, who upgrades it. */
  async stop(name: string): Promise<void> {
    const node = this.node(name)
    node.signal('SIGTERM')
    await node.exited
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#nodes.values()].map((node) => node[Symbol.asyncDispose]()))
    await this.#balancer[Symbol.asyncDispose]()
  }
}
