import type { BrowserConnectOptions } from '../../../src/client/browser.js'
import type { Inbox } from '../../../src/client/inbox.js'
import type { Backstage } from './backstage.js'
import type { Handed, ReaderOptions } from './reader.js'

/** An application in a world of its own: a process, or a page. */
export interface Reader {
  /** Ends it at once, wherever it is, as a crash or a reload does; it was told of all that it took. */
  vanish(): Promise<void>
}

/** What Node and a page each have of their own, for the tests that run in both. */
export interface Side {
  backstage: Backstage
  /** Of the page; Node has none. */
  origin: string | null
  /** Opens an inbox here, by the entry for this side, over its usual storage: in Node a file in this folder. */
  connect(folder: string, options: BrowserConnectOptions & { device: string }): Inbox
  openReader(options: ReaderOptions, tell: (handed: Handed) => void): Promise<Reader>
  /** Whether something may end between a handler's end and the keeping of that, as only a process can. */
  endsAnywhere: boolean
}
