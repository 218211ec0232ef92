import { execFileSync } from 'node:child_process'
import { closeSync, constants, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { LineOutput } from '../../src/telemetry/line-output.js'
import { temporaryFolder } from '../harness.js'

const LINE = `${'x'.repeat(1_000)}\n`

/** More than a pipe holds. */
const LINES = 200

test('a reader that takes nothing is waited for once, not once for each line', () => {
  using folder = temporaryFolder()
  const path = join(folder.path, 'pipe')
  execFileSync('mkfifo', [path])
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  const writer = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK)
  const wait = vi.spyOn(Atomics, 'wait').mockReturnValue('timed-out')
  const output = new LineOutput(writer)
  for (let count = 0; count < LINES; count++) output.write(LINE)
  const waits = wait.mock.calls.length
  wait.mockRestore()
  closeSync(writer)
  const taken = readFileSync(reader, 'utf8')
  closeSync(reader)
  expect(taken.length).toBeLessThan(LINES * LINE.length)
  expect(taken).toBe(LINE.repeat(taken.length / LINE.length))
  expect(waits).toBe(10)
})
