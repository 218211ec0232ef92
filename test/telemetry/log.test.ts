import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import * as z from 'zod/mini'
import { Timestamp } from '../../src/protocol/identifiers.js'
import { LOG_LEVELS, type LogLevel } from '../../src/telemetry/log.js'

const MODULE = new URL('../../dist/telemetry/log.js', import.meta.url).href

/** What a process of its own writes that logs one line at each level. */
async function written(level: LogLevel, readable = false): Promise<string> {
  const script = `
    const { createLog } = await import(${JSON.stringify(MODULE)})
    const log = createLog({ level: ${JSON.stringify(level)}, readable: ${readable} })
    for (const level of ['trace', 'debug', 'info', 'warn', 'error']) log[level]({ user: 'alice' }, level)
    log.error({ err: new Error('broken\\nline') }, 'failed')`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  await once(child, 'close')
  return output
}

const Line = z.looseObject({ level: z.enum(LOG_LEVELS), time: Timestamp, msg: z.string() })
const linesOf = (output: string) =>
  output
    .split('\n')
    .slice(0, -1)
    .map((line) => Line.parse(JSON.parse(line)))

test('writes one JSON line an event, with its level, time and message', async () => {
  const lines = linesOf(await written('trace'))
  expect(lines.map(({ level }) => level)).toEqual([
    'trace',
    'debug',
    'info',
    'warn',
    'error',
    'error',
  ])
  expect(lines[2]).toEqual({ level: 'info', time: lines[2]?.time, user: 'alice', msg: 'info' })
})

test('keeps an error with its stack in its one line', async () => {
  const last = linesOf(await written('error')).at(-1)
  expect(last).toMatchObject({ msg: 'failed', err: { message: 'broken\nline' } })
})

test.each<[LogLevel, string[]]>([
  ['info', ['info', 'warn', 'error', 'failed']],
  ['warn', ['warn', 'error', 'failed']],
  ['silent', []],
])('writes nothing below the level %s', async (level, messages) => {
  expect(linesOf(await written(level)).map(({ msg }) => msg)).toEqual(messages)
})

test('writes for a person where that is asked for', async () => {
  const output = await written('info', true)
  expect(output).toContain('alice')
  expect(() => linesOf(output)).toThrow(SyntaxError)
})
