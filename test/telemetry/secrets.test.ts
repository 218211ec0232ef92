import { join } from 'node:path'
import { expect, test } from 'vitest'
import { WebSocket } from 'ws'
import * as z from 'zod/mini'
import { TestClient } from '../client.js'
import { SECRET, temporaryFolder, tokenFor, type Api } from '../harness.js'
import { ServiceProcess } from '../process.js'

/** Shortest piece of a token that a log may not hold. */
const PIECE = 12

/** Every token that was shown to the service, and every answer that it gave. */
class Witness {
  readonly tokens: string[] = []
  readonly answers: string[] = []

  async token(...args: Parameters<typeof tokenFor>): Promise<string> {
    const token = await tokenFor(...args)
    this.tokens.push(token)
    return token
  }

  /** Pieces of the tokens that stand in a text: each run of a few characters, wherever it begins. */
  piecesIn(text: string): string[] {
    return this.tokens.flatMap((token) =>
      Array.from({ length: token.length - PIECE }, (_, at) => token.slice(at, at + PIECE)).filter(
        (piece) => text.includes(piece),
      ),
    )
  }
}

async function askByHttp(api: Api, witness: Witness, token: string): Promise<void> {
  const ways: [string, Record<string, string>][] = [
    ['/v1/inbox', { authorization: `Bearer ${token}` }],
    ['/v1/inbox', { authorization: `Bearer ${token} ${token}` }],
    ['/v1/inbox', { authorization: `Basic ${token}` }],
    ['/v1/inbox', { authorization: token }],
    ['/v1/inbox', { 'x-request-id': token }],
    ['/v1/inbox', { cookie: `token=${token}` }],
    ['/v1/inbox', { authorization: `Bearer ${token}`, 'if-none-match': `"${token}"` }],
    [`/v1/inbox?type=${token}`, { authorization: `Bearer ${token}` }],
    [`/v1/inbox?access_token=${token}`, {}],
    [`/v1/inbox?access_token=${token}`, { authorization: `Bearer ${token}` }],
    [`/v1/inbox?page=${token}`, { authorization: `Bearer ${token}` }],
    [`/v1/inbox/changes?epoch=${token}`, { authorization: `Bearer ${token}` }],
    [`/v1/socket?access_token=${token}`, {}],
    [`/nowhere?access_token=${token}`, {}],
  ]
  for (const [path, headers] of ways) {
    const response = await api.request(path, { headers })
    const head = JSON.stringify([...response.headers])
    witness.answers.push(head + (await response.text()))
  }
  const bodies: [string, unknown][] = [
    ['/v1/notifications', { token }],
    ['/v1/notifications', { to: { user: token }, type: token }],
    ['/v1/notifications', token],
    ['/v1/inbox/mark', { action: token, ids: [token] }],
    ['/v1/inbox/mark', { action: 'read', upTo: 1, epoch: token }],
    ['/v1/inbox/ack', { device: token, seq: 1, epoch: token }],
  ]
  for (const [path, body] of bodies) {
    const response = await api.request(path, { method: 'POST', token, body })
    witness.answers.push(await response.text())
  }
}

/** Opens a socket in any way, tells it what it does not want to hear, and waits for its end. */
async function askBySocket(
  api: Api,
  witness: Witness,
  how: {
    query?: Record<string, string>
    protocols?: string[]
    headers?: Record<string, string>
    messages?: unknown[]
  },
): Promise<void> {
  const { query = {}, protocols = ['posthorn.v1'], headers = {}, messages = [] } = how
  const url = new URL('/v1/socket', api.url.replace(/^http/, 'ws'))
  for (const [name, value] of Object.entries({ device: 'phone', ...query })) {
    url.searchParams.set(name, value)
  }
  const socket = new WebSocket(url, protocols, { headers })
  const ended = new Promise((resolve) => socket.once('close', resolve))
  socket.on('error', () => undefined)
  socket.on('unexpected-response', (_request, response) => {
    witness.answers.push(JSON.stringify(response.headers))
    response.setEncoding('utf8').on('data', (text: string) => witness.answers.push(text))
    response.on('end', () => socket.terminate())
  })
  socket.on('message', (data: Buffer) => {
    witness.answers.push(data.toString())
    // Who was let in goes on until it has heard everything, and ends by what the protocol does not have.
    if (data.toString().includes('"caught_up"')) socket.send(Buffer.from('end'))
  })
  socket.on('open', () => {
    for (const message of messages) {
      socket.send(typeof message === 'string' ? message : JSON.stringify(message))
    }
  })
  await ended
}

async function askBySockets(api: Api, witness: Witness, token: string): Promise<void> {
  const authorization = { authorization: `Bearer ${token}` }
  const authenticate = { type: 'authenticate', id: 'a', payload: { token } }
  const misplaced = [
    { type: 'authenticate', token },
    { type: 'authenticate', payload: { token: [token] } },
    { type: 'token', payload: { token } },
    { type: 'mark', payload: { action: token, ids: [token] } },
    { type: 'ping', token },
    `{"type":"authenticate","payload":{"token":"${token}"}`,
    token,
  ]
  const ways = [
    { headers: authorization, messages: [authenticate, ...misplaced] },
    { headers: authorization, query: { access_token: token } },
    { headers: { authorization: `Basic ${token}` } },
    { protocols: ['posthorn.v1', `bearer.${token}`], messages: misplaced },
    { protocols: [`bearer.${token}`] },
    { protocols: ['other', `bearer.${token}`] },
    { protocols: ['posthorn.v1', `bearer.${token}`], headers: authorization },
    { query: { access_token: token }, messages: [authenticate] },
    { query: { device: token } },
    { query: { cursor: token }, headers: authorization },
    { messages: [authenticate, authenticate, ...misplaced] },
    { messages: [...misplaced, authenticate] },
    { headers: { origin: `https://${token}` } },
  ]
  for (const how of ways) await askBySocket(api, witness, how)
}

test.each(['false', 'true'])(
  'writes no part of any token to the log, however it came, and gives none back (ALLOW_QUERY_TOKEN=%s)',
  async (ALLOW_QUERY_TOKEN) => {
    using folder = temporaryFolder()
    const witness = new Witness()
    const marks = { jti: 'a-claim-that-only-the-token-has' }
    await using service = await ServiceProcess.start(join(folder.path, 'posthorn.db'), {
      LOG_LEVEL: 'trace',
      ALLOW_QUERY_TOKEN,
    })
    const { api } = service
    const forged = { secret: 'a secret of somebody else, long enough' }
    const tokens = [
      await witness.token('alice', marks),
      await witness.token('alice', { ...marks, device: 'laptop' }),
      await witness.token('shop', { ...marks, scope: 'posthorn:send' }),
      await witness.token('alice', marks, { ttlSeconds: -60 }),
      await witness.token('alice', marks, forged),
    ]
    for (const token of tokens) {
      await askByHttp(api, witness, token)
      await askBySockets(api, witness, token)
    }
    // A connection that goes well from its beginning to its end.
    const [token = ''] = tokens
    await using client = await TestClient.connect(api.url, {
      token,
      credential: 'first-message',
      device: 'phone',
    })
    await client.first('caught_up')
    await client.close()
    service.signal('SIGTERM')
    await service.exited

    const written = JSON.stringify(service.log) + service.errors
    // The log did tell of all that: it is not empty for another reason.
    expect(service.log.filter(({ msg }) => msg === 'request').length).toBeGreaterThan(50)
    expect(service.log.filter(({ msg }) => msg === 'connection opened').length).toBeGreaterThan(3)
    expect(witness.answers.length).toBeGreaterThan(100)

    expect(witness.piecesIn(written)).toEqual([])
    expect(witness.piecesIn(witness.answers.join('\n'))).toEqual([])
    expect(written).not.toContain(marks.jti)
    expect(written).not.toContain(SECRET)
    for (const line of service.log) expect(z.string().parse(line['time'])).toMatch(/Z$/)
  },
)
