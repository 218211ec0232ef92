import { spawn, type ChildProcess } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { connect as connectHttp2 } from 'node:http2'
import { request, type RequestOptions } from 'node:https'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { temporaryFolder } from '../harness.js'

const CONF = new URL('../../src/operations/nginx.conf', import.meta.url)
const CLUSTER_CONF = new URL('../../src/operations/cluster/nginx.conf', import.meta.url)
const tlsFile = (name: string): string => fileURLToPath(new URL(`../tls/${name}`, import.meta.url))

/** Trusts the certificate that the proxy shows, whatever its address: it is for localhost. */
export const TRUST = { ca: readFileSync(tlsFile('cert.pem')), checkServerIdentity: () => undefined }

/**
 * Where nginx is: Debian's place. Undefined where it is not, and its tests are left out.
 * @throws Error in CI, where that is a failure
 */
export function findNginx(path = '/usr/sbin/nginx'): string | undefined {
  if (existsSync(path)) return path
  if (process.env['CI'] === 'true') throw new Error(`there is no nginx at ${path}`)
  return undefined
}

export interface Answer {
  status: number
  headers: Readonly<Record<string, unknown>>
  text: string
}

/** The example's nginx before a service, in a folder and at an address of its own. */
export class Nginx {
  readonly url: string
  readonly #child: ChildProcess
  readonly #folder: ReturnType<typeof temporaryFolder>
  readonly #exited: Promise<unknown>

  private constructor(program: string, url: string, folder: ReturnType<typeof temporaryFolder>) {
    this.url = url
    this.#folder = folder
    const words = ['-p', folder.path, '-c', join(folder.path, 'main.conf'), '-e', 'stderr']
    this.#child = spawn(program, words, { stdio: ['ignore', 'ignore', 'pipe'] })
    this.#exited = new Promise((resolve) => this.#child.once('close', resolve))
  }

  /**
   * Starts it before the service at `upstream`, with the very file of the example but for its places: addresses, certificate, logs,
   * and what else `instead` names, each of which stands in the file once.
   */
  static async start(
    program: string,
    upstream: string,
    instead: Record<string, string> = {},
  ): Promise<Nginx> {
    const folder = temporaryFolder()
    const place = ownPlace()
    const conf = placed(CONF, {
      ...placesIn(place),
      'server 127.0.0.1:8080;': `server ${new URL(upstream).host};`,
      '/var/log/nginx/posthorn.log': join(folder.path, 'access.log'),
      '/var/log/nginx/posthorn-error.log': join(folder.path, 'error.log'),
      ...instead,
    })
    writeFileSync(join(folder.path, 'posthorn.conf'), conf)
    const include = `include ${join(folder.path, 'posthorn.conf')};`
    const main = `error_log stderr notice;\nevents {}\nhttp {\n${include}\n}\n`
    return Nginx.#run(program, main, { folder, place })
  }

  /** Starts the cluster's before three nodes, as `start`: the example is its whole configuration. */
  static async startCluster(
    program: string,
    nodes: readonly [string, string, string],
    instead: Record<string, string> = {},
  ): Promise<Nginx> {
    const folder = temporaryFolder()
    const place = ownPlace()
    const servers = nodes.map((node, index): [string, string] => [
      `server 172.30.0.1${index + 1}:8080`,
      `server ${new URL(node).host}`,
    ])
    const conf = placed(CLUSTER_CONF, {
      ...placesIn(place),
      ...Object.fromEntries<string>(servers),
      'worker_processes auto;': 'error_log stderr notice;',
      // As many files as this user may have.
      'worker_rlimit_nofile 262144;': '',
      'worker_connections 131072;': '',
      '/var/log/nginx/access.log': join(folder.path, 'access.log'),
      '/var/log/nginx/error.log': join(folder.path, 'error.log'),
      ...instead,
    })
    return Nginx.#run(program, conf, { folder, place })
  }

  static async #run(
    program: string,
    main: string,
    { folder, place }: { folder: ReturnType<typeof temporaryFolder>; place: string },
  ): Promise<Nginx> {
    mkdirSync(join(folder.path, 'temporary'))
    writeFileSync(join(folder.path, 'main.conf'), asOneProcess(main, folder.path))
    const nginx = new Nginx(program, `https://${place}`, folder)
    await nginx.#listening()
    return nginx
  }

  /** A request that nothing normalises; a body of many bytes may be answered before it has gone. */
  ask(
    path: string,
    { body, ...options }: RequestOptions & { body?: string } = {},
  ): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const asked = request(
        new URL(path, this.url),
        { agent: false, ...TRUST, ...options },
        (response) => {
          let text = ''
          response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
          response.on('end', () => {
            resolve({ status: response.statusCode ?? 0, headers: response.headers, text })
          })
        },
      )
      asked.on('error', reject)
      asked.end(body)
    })
  }

  /** The status of a request over HTTP/2. */
  async askHttp2(path: string, headers: Record<string, string>): Promise<unknown> {
    const session = connectHttp2(this.url, TRUST)
    try {
      return await new Promise((resolve, reject) => {
        session.on('error', reject)
        const stream = session.request({ ':path': path, ...headers })
        stream.on('error', reject)
        stream.on('response', (answer) => resolve(answer[':status']))
        stream.end()
      })
    } finally {
      session.destroy()
    }
  }

  /** What its two logs hold. */
  get logs(): { access: string; error: string } {
    const text = (name: string): string => readFileSync(join(this.#folder.path, name), 'utf8')
    return { access: text('access.log'), error: text('error.log') }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGTERM')
    await this.#exited
    this.#folder[Symbol.dispose]()
  }

  /** It names how it waits for events once its sockets are bound: whoever connects from then on is served. */
  #listening(): Promise<void> {
    const { stderr } = this.#child
    if (!stderr) throw new Error('nginx has no output')
    const lines: string[] = []
    return new Promise((resolve, reject) => {
      createInterface({ input: stderr }).on('line', (line) => {
        lines.push(line)
        if (line.includes('event method')) resolve()
      })
      void this.#exited.then(() => reject(new Error(`nginx did not start:\n${lines.join('\n')}`)))
    })
  }
}

/** An address of this run alone: nginx can't take a port that is free, and two runs must not meet. */
function ownPlace(): string {
  return `127.${randomInt(1, 255)}.${randomInt(0, 256)}.${randomInt(1, 255)}:8443`
}

/** What both examples name, and where it is in a test. */
function placesIn(place: string): Record<string, string> {
  return {
    'listen 443 ssl http2;': `listen ${place} ssl http2;`,
    '/etc/nginx/tls/posthorn.pem': tlsFile('cert.pem'),
    '/etc/nginx/tls/posthorn.key': tlsFile('key.pem'),
  }
}

/** The file of an example with other places in it. */
function placed(file: URL, places: Record<string, string>): string {
  let conf = readFileSync(file, 'utf8')
  for (const [there, here] of Object.entries(places)) {
    if (conf.split(there).length !== 2) throw new Error(`the example must say ${there} once`)
    conf = conf.replace(there, here)
  }
  return conf
}

/** In one process of this user's own, which goes with the test. */
function asOneProcess(main: string, folder: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${join(folder, 'temporary', name)};`)
    .join('\n  ')
  const http = main.replace('\nhttp {', `\nhttp {\n  ${temporary}`)
  return `daemon off;\nmaster_process off;\npid ${join(folder, 'nginx.pid')};\n${http}`
}
