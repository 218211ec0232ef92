import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { curlOf } from '../../../src/console/state/curl.js'

test('the command says the same to a shell as the page says to the service', () => {
  const body = { to: { user: 'alice' }, title: `It's "here" \\ $HOME \`id\``, body: 'two\nlines' }
  // In place of curl, a function that shows what it was called with.
  const script = `curl() { printf '%s\\0' "$@"; }\n${curlOf('http://127.0.0.1:8080', body)}`
  const words = execFileSync('sh', ['-c', script], { env: { TOKEN: 'secret' } })
    .toString()
    .split('\0')
    .slice(0, -1)
  expect(words.slice(0, 3)).toEqual(['-X', 'POST', 'http://127.0.0.1:8080/v1/notifications'])
  expect(words).toContain('Authorization: Bearer secret')
  expect(JSON.parse(words.at(-1) ?? '')).toEqual(body)
})
