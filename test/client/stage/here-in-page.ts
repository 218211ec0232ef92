import { commands } from 'vitest/browser'
import * as z from 'zod/mini'
import { connect } from '../../../src/client/browser.js'
import type { Backstage } from './backstage.js'
import { Handed } from './reader.js'
import { nextTask } from '../next-task.js'
import type { Side } from './side.js'

type Ask = <Name extends keyof Backstage>(
  name: Name,
  ...payload: Parameters<Backstage[Name]>
) => ReturnType<Backstage[Name]>

declare module 'vitest/browser' {
  interface BrowserCommands {
    backstage: Ask
  }
}

// What of the page is used here and Node's types don't have.
interface Frame {
  name: string
  srcdoc: string
  remove(): void
}
declare const document: {
  createElement(name: 'iframe'): Frame
  body: { append(frame: Frame): void }
}
declare const location: { origin: string }
declare const self: EventTarget

const Told = z.object({ detail: z.string() })

const { backstage: ask } = commands

let frames = 0

/** In a page, which asks the process that runs the tests for what it can't do itself. */
export const here: Side = {
  backstage: {
    open: (...payload) => ask('open', ...payload),
    close: (...payload) => ask('close', ...payload),
    stop: (...payload) => ask('stop', ...payload),
    kill: (...payload) => ask('kill', ...payload),
    start: (...payload) => ask('start', ...payload),
    token: (...payload) => ask('token', ...payload),
    send: (...payload) => ask('send', ...payload),
    mark: (...payload) => ask('mark', ...payload),
    cursorAt: (...payload) => ask('cursorAt', ...payload),
    storm: (...payload) => ask('storm', ...payload),
    log: (...payload) => ask('log', ...payload),
  },
  origin: location.origin,
  connect: (_folder, options) => connect(options),
  openReader(options, tell) {
    const name = `reader-${++frames}`
    const listen = (event: Event): void => {
      // Made in the frame, it is none of this page's events.
      tell(Handed.parse(JSON.parse(Told.parse(event).detail)))
    }
    self.addEventListener(name, listen)
    const frame = document.createElement('iframe')
    frame.name = JSON.stringify({ name, options })
    const script = new URL('reader-in-page.ts', import.meta.url).pathname
    frame.srcdoc = `<script type="module" src="${script}"></script>`
    document.body.append(frame)
    return Promise.resolve({
      async vanish() {
        // A page ends between two of its tasks, never within one.
        await nextTask()
        frame.remove()
        self.removeEventListener(name, listen)
      },
    })
  },
  endsAnywhere: false,
}
