import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as z from 'zod/mini'
import { Child } from './child.js'

/** The built program. */
export const PROGRAM = fileURLToPath(new URL('../../dist/main.js', import.meta.url))

const ListeningLine = z.object({ msg: z.literal('listening'), url: z.string() })

/** A folder for a database, which goes when its scope ends. */
export class TemporaryFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'posthorn-bench-'))
  readonly #remove = (): void => rmSync(this.path, { recursive: true, force: true })

  constructor() {
    process.on('exit', this.#remove)
  }

  get database(): string {
    return join(this.path, 'posthorn.db')
  }

  [Symbol.dispose](): void {
    process.off('exit', this.#remove)
    this.#remove()
  }
}

/**
 * Starts the built service as its operator would, with `settings` beside those that it needs; nothing of this process's environment
 * reaches it. `preload` names a module that each of its threads reads first.
 */
export async function startService(
  folder: TemporaryFolder,
  secret: string,
  { preload, settings = {} }: { preload?: URL; settings?: Record<string, string> } = {},
): Promise<{ child: Child; url: string }> {
  const words = preload === undefined ? [] : ['--import', preload.href]
  const child = Child.spawn([...words, PROGRAM, 'serve'], {
    HOST: '127.0.0.1',
    PORT: '0',
    JWT_SECRET: secret,
    DATABASE_URL: `sqlite:${folder.database}`,
    // Not quieter: `listening` is told at this level.
    LOG_LEVEL: 'info',
    ...settings,
  })
  const { url } = await child.next(ListeningLine)
  return { child, url }
}
