import { join } from 'node:path'
import { SignJWT, type JWTPayload } from 'jose'
import { readConfig } from '../src/config.js'
import { start, type Service, type ServiceOptions } from '../src/service.js'
import { createLog } from '../src/telemetry/log.js'
import { MarkResult, type Mark } from '../src/protocol/mark.js'
import { SendReceipt } from '../src/protocol/send.js'
import { databaseAt } from './back-ends/database.js'
import { TestClient, type ConnectOptions } from './client.js'
import { temporaryFolder } from './temporary-folder.js'

export { temporaryFolder }

export const SECRET = 'a secret that is only known to the tests'

/** A token by the tests' secret: a user's, or with `scope` a service's. */
export async function tokenFor(
  subject: string,
  claims: JWTPayload = {},
  { ttlSeconds = 3_600, secret = SECRET }: { ttlSeconds?: number; secret?: string } = {},
): Promise<string> {
  return new SignJWT({ exp: Math.floor(Date.now() / 1000) + ttlSeconds, ...claims, sub: subject })
    .setProtectedHeader({ alg: 'HS256' })
    .sign(Buffer.from(secret))
}

export function serviceToken(scope = 'posthorn:send posthorn:read'): Promise<string> {
  return tokenFor('shop', { scope })
}

/** Requests to a service at `url`, whoever runs it. */
export class Api {
  readonly url: string

  constructor(url: string) {
    this.url = url
  }

  /** A request with a token; `body` goes as JSON. */
  request(
    path: string,
    options: {
      token?: string | undefined
      method?: string
      body?: unknown
      headers?: Record<string, string>
    } = {},
  ): Promise<Response> {
    const { token, method = 'GET', body, headers = {} } = options
    return fetch(new URL(path, this.url), {
      method,
      headers: { ...(token !== undefined && { authorization: `Bearer ${token}` }), ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
  }

  post(
    body: unknown,
    { token, headers = {} }: { token: string; headers?: Record<string, string> },
  ): Promise<Response> {
    return this.request('/v1/notifications', { method: 'POST', token, body, headers })
  }

  /** Sends one notification to one user, or to several; fails where it is not stored. */
  async send(user: string | string[], title: string): Promise<SendReceipt> {
    const to = typeof user === 'string' ? { user } : { users: user }
    const response = await this.post({ to, type: 'test', title }, { token: await serviceToken() })
    if (response.status !== 201) throw new Error(`${response.status} ${await response.text()}`)
    return SendReceipt.parse(await response.json())
  }

  /** Sends `count` notifications, one after the other, titled by their number from `from` on. */
  async sendMany(user: string, count: number, from = 1): Promise<SendReceipt[]> {
    const receipts: SendReceipt[] = []
    for (let number = from; number < from + count; number++) {
      receipts.push(await this.send(user, String(number)))
    }
    return receipts
  }

  /** Marks entries of a user as the user's own, over HTTP; fails where that is refused. */
  async mark(user: string, mark: Mark): Promise<MarkResult> {
    const token = await tokenFor(user)
    const response = await this.request('/v1/inbox/mark', { method: 'POST', token, body: mark })
    if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`)
    return MarkResult.parse(await response.json())
  }

  /** Connects a device of a user by a plain `ws` client. */
  async connect(user: string, options: ConnectOptions = {}): Promise<TestClient> {
    return TestClient.connect(this.url, {
      token: await tokenFor(user),
      device: 'phone',
      ...options,
    })
  }
}

/** A service in this process, over a real database and a real port, and a way to speak to it. */
export interface TestService extends Service {
  api: Api
  /** The file of SQLite; over another back end, what stands for its database. */
  databasePath: string
  [Symbol.asyncDispose]: () => Promise<void>
}

export interface TestServiceOptions extends Partial<ServiceOptions> {
  environment?: Record<string, string>
  /** A folder to keep between two services; a new one where it is not given. */
  folder?: string
}

/** Starts a service for a test: `await using service = await startService()`. */
export async function startService(options: TestServiceOptions = {}): Promise<TestService> {
  const { environment = {}, folder, ...rest } = options
  const own = folder === undefined ? temporaryFolder() : undefined
  const databasePath = join(folder ?? own?.path ?? '', 'posthorn.db')
  const config = readConfig({
    PORT: '0',
    ...(await databaseAt(databasePath)),
    JWT_SECRET: SECRET,
    LOG_LEVEL: 'silent',
    ...environment,
  })
  const log = createLog({ level: config.logLevel, readable: false })
  const service = await start(config, { log, ...rest })
  return {
    ...service,
    api: new Api(service.url),
    databasePath,
    async [Symbol.asyncDispose]() {
      await service.close()
      own?.[Symbol.dispose]()
    },
  }
}
