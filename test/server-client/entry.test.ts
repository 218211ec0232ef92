import { createClient, PosthornApiError } from 'posthorn/server-client'
import { expect, test } from 'vitest'
import { answer, problem, RECEIPT, ScriptedServer } from './scripted-server.js'

test('the package gives the client by its name', async () => {
  await using server = await ScriptedServer.start(
    answer(201, RECEIPT),
    problem(403, 'insufficient_scope'),
  )
  const client = createClient({ url: server.url, token: 'a.b.c' })
  const sending = { to: { user: 'alice' }, type: 'greeting' }
  expect((await client.send(sending)).id).toBe(RECEIPT.id)
  await expect(client.send(sending)).rejects.toBeInstanceOf(PosthornApiError)
})
