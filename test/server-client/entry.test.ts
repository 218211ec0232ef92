import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { RECEIPT } from './scripted-server.js'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** Runs a module in a process of its own, where there is nothing of Node that other runtimes with `fetch` lack. */
async function runWithoutNode(source: string): Promise<unknown> {
  const print = 'const print = process.stdout.write.bind(process.stdout)'
  const names = '["process", "Buffer", "setImmediate", "clearImmediate", "global"]'
  const bare = `for (const name of ${names}) delete globalThis[name]`
  const words = ['--input-type=module', '-e', `${print}\n${bare}\n${source}`]
  const { stdout } = await promisify(execFile)(process.execPath, words, { cwd: ROOT })
  return JSON.parse(stdout)
}

test('the package gives the client by its name, in any runtime that has fetch', async () => {
  const told = await runWithoutNode(`
    const { createClient, PosthornApiError } = await import('posthorn/server-client')
    const asked = []
    globalThis.fetch = async (url, { headers, body }) => {
      asked.push([url, headers['idempotency-key']?.length, body].filter((part) => part !== undefined))
      const refused = asked.length > 1
      const problem = { type: '', title: '', status: 403, detail: '', code: 'forbidden', requestId: '' }
      const text = async () => JSON.stringify(refused ? problem : ${JSON.stringify(RECEIPT)})
      return { status: refused ? 403 : 201, headers: { get: () => null }, text }
    }
    const client = createClient({ url: 'https://a.example', token: 'a.b.c' })
    const { id } = await client.send({ to: { user: 'alice' }, type: 'greeting' })
    const error = await client.recall(id).catch((error) => error)
    print(JSON.stringify({ asked, id, error: [error instanceof PosthornApiError, error.code] }))
  `)
  expect(told).toEqual({
    asked: [
      [
        'https://a.example/v1/notifications',
        '"00000000-0000-4000-8000-000000000000"'.length,
        '{"to":{"user":"alice"},"type":"greeting"}',
      ],
      ['https://a.example/v1/notifications/01a205a4-f684-7159-8251-0ba1ed83d765'],
    ],
    id: RECEIPT.id,
    error: [true, 'forbidden'],
  })
})
