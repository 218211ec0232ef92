import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { readConfig } from '../../src/config.js'
import { SECRET } from '../harness.js'

const ROOT = new URL('../../', import.meta.url)
const UNIT = new URL('src/operations/posthorn.service', ROOT)

/** The values of each setting of a unit, by its section: `Service.ExecStart`. */
function readUnit(file: URL): Map<string, string[]> {
  const settings = new Map<string, string[]>()
  let section = ''
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    if (line === '' || line.startsWith('#')) continue
    const [, name] = /^\[(\w+)\]$/.exec(line) ?? []
    if (name !== undefined) section = name
    const at = line.indexOf('=')
    if (at < 0) continue
    const key = `${section}.${line.slice(0, at)}`
    settings.set(key, [...(settings.get(key) ?? []), line.slice(at + 1)])
  }
  return settings
}

describe('posthorn.service', () => {
  const unit = readUnit(UNIT)
  const one = (name: string): string => {
    const [value, ...more] = unit.get(`Service.${name}`) ?? []
    if (value === undefined || more.length > 0) throw new Error(`${name} must stand there once`)
    return value
  }
  const environment = Object.fromEntries(
    (unit.get('Service.Environment') ?? []).map((pair) => {
      const at = pair.indexOf('=')
      return [pair.slice(0, at), pair.slice(at + 1)]
    }),
  )

  test('starts the program that a build leaves, with settings that it takes', () => {
    const [node, script = '', ...words] = one('ExecStart').split(' ')
    expect([node, ...words]).toEqual(['/usr/bin/node', 'serve'])
    const [, path = ''] = /^\/opt\/posthorn\/(.*)$/.exec(script) ?? []
    expect(existsSync(fileURLToPath(new URL(path, ROOT)))).toBe(true)
    expect(readConfig({ ...environment, JWT_SECRET: SECRET }).inDevelopment).toBe(false)
  })

  test('lets it write in its own folder alone, where the database lies', () => {
    const folder = `/var/lib/${one('StateDirectory')}`
    expect(readConfig({ ...environment, JWT_SECRET: SECRET }).database).toEqual({
      kind: 'sqlite',
      path: `${folder}/posthorn.db`,
    })
    expect(one('WorkingDirectory')).toBe(folder)
    expect(one('ProtectSystem')).toBe('strict')
    expect(unit.get('Service.ReadWritePaths')).toBe(undefined)
  })

  test('gives it more time to stop than it takes', () => {
    const { shutdownTimeoutMs } = readConfig({ JWT_SECRET: SECRET })
    expect(one('TimeoutStopSec')).toMatch(/^\d+s$/)
    expect(Number.parseInt(one('TimeoutStopSec'), 10) * 1_000).toBeGreaterThan(shutdownTimeoutMs)
  })

  test('lets V8 compile', () => {
    expect(one('MemoryDenyWriteExecute')).toBe('no')
  })
})
