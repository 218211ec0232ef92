import { expect, test } from 'vitest'
import { VERSION } from '../../src/protocol/version.js'
import { runCommand } from '../process.js'

test('`--version` prints the version alone', async () => {
  expect(await runCommand(['--version'])).toEqual({ code: 0, output: `${VERSION}\n`, errors: '' })
})

test.each([[], ['--help']])('says how it is called: %j', async (...words) => {
  const { code, output, errors } = await runCommand(words)
  expect([code, errors]).toEqual([0, ''])
  for (const name of ['serve', 'token', 'send', 'listen']) {
    expect(output).toContain(`posthorn ${name}`)
  }
})

test.each(['unknown', '--unknown', '__proto__', 'migrate'])(
  'has no command %j, and says which there are',
  async (name) => {
    const { code, output, errors } = await runCommand([name])
    expect([code, output]).toEqual([1, ''])
    expect(errors.split('\n')[0]).toBe(`posthorn: there is no command \`${name}\``)
    expect(errors).toContain('posthorn serve')
    expect(errors).not.toMatch(/^\s+at /m)
  },
)
