import { WebSocket } from 'ws'
import * as z from 'zod/mini'
import { Down } from '../../../src/protocol/down/index.js'
import { InboxList } from '../../../src/protocol/inbox.js'
import { SUBPROTOCOL } from '../../../src/protocol/version.js'

/** Commands of one connection that wait for their answers: the rest would only fill our own memory. */
const WAITING = 50

/** A moment for whoever has been refused, in milliseconds, so that this process is not busy with itself. */
const REFUSED_MS = 5

interface Welcome {
  epoch: string
  latest: number
}

/** A user who does what it may, and as much of it as it is let. */
export class HostileUser {
  done = 0
  refused = 0
  readonly #url: string
  readonly #token: string
  #welcome: Welcome | undefined
  #devices = 0
  #number = 0

  constructor(url: string, token: string) {
    this.#url = url
    this.#token = token
  }

  forgetCounts(): void {
    this.done = 0
    this.refused = 0
  }

  changesPath(after: number): string {
    return `/v1/inbox/changes?after=${after}&epoch=${this.#welcome?.epoch}&limit=100`
  }

  async get(path: string): Promise<void> {
    const response = await this.#fetch(path)
    await response.text()
    await this.#count(response.ok || response.status === 409)
  }

  /** What stands in its inbox. */
  async ids(): Promise<string[]> {
    const ids: string[] = []
    for (let page: string | null = ''; page !== null;) {
      const query: string = page === '' ? '' : `&page=${encodeURIComponent(page)}`
      const response = await this.#fetch(`/v1/inbox?filter=all&limit=100${query}`)
      const list: z.infer<typeof InboxList> = InboxList.parse(await response.json())
      ids.push(...list.items.map(({ id }) => id))
      page = list.nextPage
    }
    return ids
  }

  /** Connects, and leaves as soon as it is welcome. */
  async visit(device: string, cursor?: number): Promise<void> {
    const socket = this.#open(device, cursor)
    const isWelcome = await new Promise<boolean>((resolve) => {
      socket.on('close', () => resolve(false))
      socket.on('message', (data: Buffer) => {
        const message = Down.parse(JSON.parse(data.toString()))
        if (message.type !== 'welcome') return
        this.#welcome = message.payload
        resolve(true)
      })
    })
    socket.terminate()
    await this.#count(isWelcome)
  }

  visitAsNewDevice(): Promise<void> {
    return this.visit(`device-${++this.#devices}`, this.#welcome?.latest)
  }

  /** Sends commands over so many connections, as many as are answered; whatever is closed is opened again. */
  async flood(
    sockets: number,
    isOver: () => boolean,
    command: (number: number) => { type: string; payload: object },
  ): Promise<void> {
    await Promise.all(
      Array.from({ length: sockets }, async (_, index) => {
        while (!isOver()) await this.#floodOnce(`device-${index}`, isOver, command)
      }),
    )
  }

  /** Holds connections open on which nothing is read, while its inbox moves. */
  async readNothing(sockets: number, isOver: () => boolean): Promise<void> {
    const held = Array.from({ length: sockets - 1 }, (_, index) => {
      const socket = this.#open(`device-${index}`, 0)
      socket.once('open', () => socket.pause())
      return socket
    })
    await this.flood(1, isOver, (number) => {
      const action = number % 2 ? 'read' : 'unread'
      return { type: 'mark', payload: { action, upTo: 1_000_000_000 } }
    })
    for (const socket of held) socket.terminate()
  }

  async #floodOnce(
    device: string,
    isOver: () => boolean,
    command: (number: number) => { type: string; payload: object },
  ): Promise<void> {
    const socket = this.#open(device, this.#welcome?.latest)
    let waiting = 0
    const send = (): void => {
      for (; waiting < WAITING && !isOver(); waiting++) {
        const number = ++this.#number
        socket.send(JSON.stringify({ id: String(number), ...command(number) }))
      }
      if (isOver()) socket.terminate()
    }
    await new Promise<void>((resolve) => {
      const timer = setInterval(() => isOver() && socket.terminate(), 100)
      socket.on('close', () => {
        clearInterval(timer)
        resolve()
      })
      socket.on('message', (data: Buffer) => {
        const message = Down.parse(JSON.parse(data.toString()))
        if (message.type === 'reply' || message.type === 'pong') this.done++
        else if (message.type === 'error') this.refused++
        else if (message.type !== 'welcome') return
        if (message.type !== 'welcome') waiting--
        send()
      })
    })
    // It was thrown out, or not let in.
    if (!isOver()) await this.#count(false)
  }

  #open(device: string, cursor: number | undefined): WebSocket {
    const address = new URL('/v1/socket', this.#url.replace(/^http/, 'ws'))
    address.searchParams.set('device', device)
    if (cursor !== undefined && this.#welcome) {
      address.searchParams.set('cursor', String(cursor))
      address.searchParams.set('epoch', this.#welcome.epoch)
    }
    const socket = new WebSocket(address, [SUBPROTOCOL], {
      headers: { authorization: `Bearer ${this.#token}` },
      perMessageDeflate: false,
    })
    // What is refused is closed, too.
    socket.on('error', () => undefined)
    return socket
  }

  #fetch(path: string): Promise<Response> {
    const headers = { authorization: `Bearer ${this.#token}` }
    return fetch(new URL(path, this.#url), { headers })
  }

  async #count(isDone: boolean): Promise<void> {
    if (isDone) this.done++
    else {
      this.refused++
      await new Promise((resolve) => setTimeout(resolve, REFUSED_MS))
    }
  }
}
