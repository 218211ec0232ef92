import type { BrowserConnectOptions } from '../../../src/client/browser.js'
import type { Inbox } from '../../../src/client/inbox.js'
import type { Mark, MarkResult } from '../../../src/protocol/mark.js'
import type { SendReceipt } from '../../../src/protocol/send.js'
import type { LogEntry } from './backstage.js'
import { here } from './here.js'
import type { Handed } from './reader.js'
import type { Reader } from './side.js'
import type { Accepted } from './storm.js'

const { backstage } = here

/** An hour: longer than any test. */
const TTL_SECONDS = 3_600

/** A real service in a process of its own, and clients of it here, in Node or in a page. */
export class Stage {
  readonly url: string
  readonly #name: string
  readonly #folder: string

  private constructor({ stage, url, folder }: { stage: string; url: string; folder: string }) {
    this.url = url
    this.#name = stage
    this.#folder = folder
  }

  static async open(): Promise<Stage> {
    return new Stage(await backstage.open(here.origin))
  }

  /** Opens alice's inbox over the usual storage of her device; by default her phone. */
  connect(options: Partial<BrowserConnectOptions> = {}): Inbox {
    const { url } = this
    const { device = 'phone', token = aliceToken } = options
    return here.connect(this.#folder, { ...options, url, token, device })
  }

  /** An application of alice's that can vanish; all of them have the device and the storage in common. */
  async openReader(tell: (handed: Handed) => void): Promise<Reader> {
    const token = await tokenFor('alice')
    const storage = `${this.#folder}/reader.json`
    return here.openReader({ url: this.url, token, device: 'reader', storage }, tell)
  }

  send(count: number, from = 1): Promise<SendReceipt[]> {
    return backstage.send(this.#name, 'alice', count, from)
  }

  mark(mark: Mark): Promise<MarkResult> {
    return backstage.mark(this.#name, 'alice', mark)
  }

  cursorAt(seq: number): Promise<void> {
    return backstage.cursorAt(this.#name, 'alice', 'phone', seq)
  }

  stop(): Promise<void> {
    return backstage.stop(this.#name)
  }

  start(): Promise<void> {
    return backstage.start(this.#name)
  }

  /** Sends, marks and recalls without a pause, until `kill`. */
  storm(): Promise<void> {
    return backstage.storm(this.#name, 'alice')
  }

  /** Gives all that was accepted in the storms. */
  kill(): Promise<Accepted> {
    return backstage.kill(this.#name)
  }

  log(): Promise<LogEntry[]> {
    return backstage.log(this.#name, 'alice')
  }

  [Symbol.asyncDispose](): Promise<void> {
    return backstage.close(this.#name)
  }
}

export function tokenFor(
  subject: string,
  claims: Record<string, unknown> = {},
  ttlSeconds = TTL_SECONDS,
): Promise<string> {
  return backstage.token(subject, claims, ttlSeconds)
}

function aliceToken(): Promise<string> {
  return tokenFor('alice')
}
