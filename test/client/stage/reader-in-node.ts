import { writeSync } from 'node:fs'
import { connect, fileStorage } from '../../../src/client/node.js'
import { read, ReaderOptions } from './reader.js'

// An application in a process of its own; it writes a line to standard output for all that it has taken.

const { url, token, device, storage } = ReaderOptions.parse(JSON.parse(process.env['READER'] ?? ''))
const inbox = connect({ url, token: () => token, device, storage: fileStorage(storage) })
read(inbox, (handed) => void writeSync(1, `${JSON.stringify(handed)}\n`))

// A parent that is gone leaves nothing behind.
process.on('disconnect', () => process.exit())
