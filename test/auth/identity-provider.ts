import { createServer, type Server, type ServerResponse } from 'node:http'
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { SignJWT } from 'jose'
import { jwk } from './tokens.js'

/** How the provider answers: with its keys, with a fault, with whatever a test writes, or not at all. */
type Mood = 'well' | 'faulty' | 'silent' | ((response: ServerResponse) => void)

/** An identity provider on a port of its own: it publishes keys, signs with each, and counts how often it is asked. */
export class IdentityProvider {
  /** Requests for its keys so far. */
  fetches = 0
  mood: Mood = 'well'
  readonly url: string
  readonly #server: Server
  readonly #pairs = new Map<string, KeyObject>()
  readonly #made = new Map<string, object>()
  #published: object[] = []
  #arrived: (() => void)[] = []
  #held: (() => void)[] | undefined

  private constructor(server: Server, url: string) {
    this.#server = server
    this.url = url
  }

  static async start(): Promise<IdentityProvider> {
    const server = createServer((_request, response) => provider.#answer(response))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('there is no port')
    const provider = new IdentityProvider(server, `http://127.0.0.1:${address.port}/keys`)
    return provider
  }

  /** Makes a key that is not published yet, in the place of one of that name. */
  make(kid: string): void {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    this.#pairs.set(kid, privateKey)
    this.#made.set(kid, jwk(publicKey, { kid }))
  }
  /** Publishes these keys and no others; those that are not there yet are made. */
  publish(...kids: string[]): void {
    for (const kid of kids) if (!this.#pairs.has(kid)) this.make(kid)
    this.#published = kids.map((kid) => this.#made.get(kid) ?? {})
  }

  /** A token of user `alice`, or whoever the claims name, signed with a key of the provider's. */
  async sign(kid: string, claims: Record<string, unknown> = {}): Promise<string> {
    const key = this.#pairs.get(kid)
    if (!key) throw new Error(`there is no key ${kid}`)
    return new SignJWT({ sub: 'alice', exp: Math.floor(Date.now() / 1000) + 3_600, ...claims })
      .setProtectedHeader({ alg: 'ES256', kid })
      .sign(key)
  }

  /** From now on answers wait for `release`; each says what was published when it was asked for. */
  hold(): void {
    this.#held ??= []
  }

  release(): void {
    const held = this.#held ?? []
    this.#held = undefined
    for (const answer of held) answer()
  }

  /** Resolves when it has been asked so often. */
  async asked(times: number): Promise<void> {
    while (this.fetches < times) {
      await new Promise<void>((resolve) => this.#arrived.push(resolve))
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #answer(response: ServerResponse): void {
    this.fetches++
    const body = JSON.stringify({ keys: this.#published })
    const answer = (): void => {
      if (this.mood === 'well') response.setHeader('content-type', 'application/json').end(body)
      else if (this.mood === 'faulty') response.writeHead(500).end('a fault')
      else if (this.mood !== 'silent') this.mood(response)
    }
    if (this.#held) this.#held.push(answer)
    else answer()
    const arrived = this.#arrived
    this.#arrived = []
    for (const tell of arrived) tell()
  }
}
