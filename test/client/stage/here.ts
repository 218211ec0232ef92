import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { connect, fileStorage } from '../../../src/client/node.js'
import { backstage } from './backstage.js'
import { Handed } from './reader.js'
import type { Side } from './side.js'

const TSX = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
const READER = fileURLToPath(new URL('reader-in-node.ts', import.meta.url))

/** In Node; in a page the file beside it stands in its place. */
export const here: Side = {
  backstage,
  origin: null,
  connect(folder, options) {
    const storage = fileStorage(join(folder, 'client', `${options.device}.json`))
    return connect({ ...options, storage })
  },
  async openReader(options, tell) {
    const child = fork(READER, {
      execArgv: ['--import', TSX],
      env: { PATH: process.env['PATH'], READER: JSON.stringify(options) },
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    })
    const { stdout } = child
    if (!stdout) throw new Error('the process has no output')
    createInterface({ input: stdout }).on('line', (line) => tell(Handed.parse(JSON.parse(line))))
    await once(child, 'spawn')
    return {
      async vanish() {
        const closed = once(child, 'close')
        child.kill('SIGKILL')
        await closed
      },
    }
  },
  endsAnywhere: true,
}
