import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import * as z from 'zod/mini'
import type { ClientStorage } from './environment.js'

const Content = z.record(z.string(), z.string())

/**
 * A storage in one JSON file (mode 0600), for one process at a time. A write goes to a file beside it that is then renamed: whoever
 * is killed at any moment leaves the old content or the new. It is not synced: after a power cut the service's own cursor counts.
 *
 * @throws what the file system does, and a SyntaxError where the file is not ours; `get` and `set`
 */
export function fileStorage(path: string): ClientStorage {
  let content: Record<string, string> | undefined
  return {
    get(key) {
      content ??= read(path)
      return content[key]
    },
    set(key, value) {
      const next = { ...(content ?? read(path)), [key]: value }
      mkdirSync(dirname(path), { recursive: true })
      const beside = `${path}.${process.pid}.tmp`
      writeFileSync(beside, JSON.stringify(next), { mode: 0o600 })
      renameSync(beside, path)
      content = next
    },
  }
}

function read(path: string): Record<string, string> {
  let text
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {}
    throw error
  }
  return Content.parse(JSON.parse(text))
}
