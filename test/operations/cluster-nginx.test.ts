import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { listen } from '../../src/http/listen.js'
import { findNginx, Nginx, TRUST } from './nginx.js'

const program = findNginx() ?? ''

/** What stands in a node's place: it says who it is, counts what it was asked, and keeps each socket open. */
class Node {
  readonly name: string
  readonly asked: string[] = []
  readonly headers: IncomingHttpHeaders[] = []
  url = ''
  /** What it does with a request in place of an answer of 200. */
  instead: 'nothing' | 'breaks off' | 'refuses' = 'nothing'
  readonly #server: Server
  readonly #sockets = new WebSocketServer({ noServer: true })
  readonly #connections = new Set<Socket>()

  constructor(name: string) {
    this.name = name
    this.#server = createServer((request, response) => {
      this.asked.push(`${request.method} ${request.url}`)
      this.headers.push(request.headers)
      if (this.instead === 'breaks off') request.socket.destroy()
      else response.writeHead(this.instead === 'refuses' ? 503 : 200).end(name)
    })
    this.#server.on('connection', (connection: Socket) => {
      this.#connections.add(connection)
      connection.on('close', () => this.#connections.delete(connection))
    })
    this.#server.on('upgrade', (request, connection, head) => {
      this.#sockets.handleUpgrade(request, connection, head, (socket) => {
        socket.send(name)
        socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
      })
    })
  }

  /** Sockets that are open at it. */
  get open(): number {
    return this.#sockets.clients.size
  }

  async start(): Promise<void> {
    const port = this.url === '' ? 0 : Number(new URL(this.url).port)
    this.url = await listen(this.#server, { scheme: 'http', host: '127.0.0.1', port })
  }

  /** As if it was killed. */
  async end(): Promise<void> {
    if (!this.#server.listening) return
    const closed = once(this.#server, 'close')
    this.#server.close()
    for (const connection of this.#connections) connection.destroy()
    await closed
  }
}

const end = async (sockets: readonly WebSocket[]): Promise<void> => {
  for (const socket of sockets) {
    if (socket.readyState === WebSocket.CLOSED) continue
    const closed = once(socket, 'close')
    socket.terminate()
    await closed
  }
}

describe.skipIf(program === '')('the nginx of the cluster', () => {
  let nodes: [Node, Node, Node]
  let nginx: Nginx

  beforeEach(async () => {
    nodes = [new Node('one'), new Node('two'), new Node('three')]
    for (const node of nodes) await node.start()
    const [one, two, three] = nodes
    nginx = await Nginx.startCluster(program, [one.url, two.url, three.url])
  })
  afterEach(async () => {
    await nginx[Symbol.asyncDispose]()
    for (const node of nodes) await node.end()
  })

  const ask = async (method: string, path = '/v1/inbox'): Promise<string | number> => {
    const { status, text } = await nginx.ask(path, { method })
    return status === 200 ? text : status
  }
  const several = async (times: number, method: string): Promise<(string | number)[]> => {
    const answers: (string | number)[] = []
    for (let time = 0; time < times; time++) answers.push(await ask(method))
    return answers
  }
  const openSocket = async (): Promise<WebSocket> => {
    const socket = new WebSocket(`${nginx.url.replace('https', 'wss')}/v1/socket`, [], {
      ca: TRUST.ca,
      rejectUnauthorized: false,
    })
    await once(socket, 'message')
    return socket
  }
  const openSockets = async (count: number): Promise<WebSocket[]> => {
    const sockets: WebSocket[] = []
    for (let opened = 0; opened < count; opened++) sockets.push(await openSocket())
    return sockets
  }

  test('shares requests out, and tells each node who asks', async () => {
    expect(new Set(await several(9, 'POST'))).toEqual(new Set(['one', 'two', 'three']))
    await nginx.ask('/', { headers: { 'x-forwarded-for': '203.0.113.9', forwarded: 'for=x' } })
    const seen = nodes.flatMap(({ headers }) => headers)
    expect(new Set(seen.map((headers) => headers['x-forwarded-for']))).toEqual(
      new Set(['127.0.0.1']),
    )
    expect(seen.filter(({ forwarded }) => forwarded !== undefined)).toEqual([])
    await expect.poll(() => nginx.logs.access).toContain(new URL(nodes[0].url).host)
  })

  test('gives each node as many sockets as the others, and a node that comes back the new ones', async () => {
    const first = await openSockets(9)
    expect(nodes.map(({ open }) => open)).toEqual([3, 3, 3])
    const one = await openSocket()
    one.send('there and back')
    const echo = await new Promise((resolve) => {
      one.once('message', (data: Buffer) => resolve(data.toString()))
    })
    expect(echo).toBe('there and back')
    await end([one])
    await expect.poll(() => nodes.reduce((sum, { open }) => sum + open, 0)).toBe(9)

    const closed = Promise.race(first.map((each) => once(each, 'close')))
    await nodes[1].end()
    await closed
    await expect.poll(() => nodes[1].open).toBe(0)
    const second = await openSockets(2)
    expect([nodes[0].open, nodes[2].open]).toEqual([4, 4])

    await nodes[1].start()
    // It is left alone for two seconds after it was found away.
    const third: WebSocket[] = []
    await expect
      .poll(async () => {
        third.push(await openSocket())
        return nodes[1].open
      })
      .toBeGreaterThan(0)
    await end([...first, ...second, ...third])
  })

  test('a node that is gone costs nobody an answer', async () => {
    await nodes[2].end()
    const answers = [...(await several(6, 'GET')), ...(await several(6, 'POST'))]
    expect(new Set(answers)).toEqual(new Set(['one', 'two']))
  })

  test('a node that stops sends readers and sockets to another', async () => {
    nodes[0].instead = 'refuses'
    expect(new Set(await several(6, 'GET'))).toEqual(new Set(['two', 'three']))
    expect(nodes[0].asked.length).toBeGreaterThan(0)
  })

  test('a POST that a node may have read is sent to no other, a GET is', async () => {
    for (const node of nodes) node.instead = 'breaks off'
    expect(await ask('POST', '/v1/notifications')).toBe(502)
    expect(nodes.flatMap(({ asked }) => asked)).toEqual(['POST /v1/notifications'])
    expect(await ask('GET')).toBe(502)
    expect(nodes.flatMap(({ asked }) => asked)).toEqual([
      expect.any(String),
      'GET /v1/inbox',
      'GET /v1/inbox',
    ])
  })

  test('its figures are shown to nobody through it', async () => {
    expect(await ask('GET', '/metrics')).toBe(404)
    expect(nodes.flatMap(({ asked }) => asked)).toEqual([])
  })
})
