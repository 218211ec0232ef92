import * as z from 'zod/mini'
import { connect } from '../../../src/client/browser.js'
import { read, ReaderOptions } from './reader.js'

// An application in a frame of its own, with the storage of its origin; it tells its parent of all that it has taken, at once.

declare const self: { name: string }
declare const parent: EventTarget

const Given = z.object({ name: z.string(), options: ReaderOptions })
const { name, options } = Given.parse(JSON.parse(self.name))
const { url, token, device } = options
read(connect({ url, token: () => token, device }), (handed) => {
  parent.dispatchEvent(new CustomEvent(name, { detail: JSON.stringify(handed) }))
})
