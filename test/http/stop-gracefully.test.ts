import { Hono } from 'hono'
import { expect, test } from 'vitest'
import type { RequestEnvironment } from '../../src/http/environment.js'
import { stopGracefully } from '../../src/http/stop-gracefully.js'
import { PosthornError } from '../../src/protocol/errors.js'

/** Routes behind it, and what was done in them; `handle` is what their handler does. */
function routes(handle: (wayOut: { stopping: boolean }) => void) {
  const done: string[] = []
  const wayOut = { stopping: false }
  const app = new Hono<RequestEnvironment>()
  app.onError((error) => new Response(error instanceof PosthornError ? error.code : 'another'))
  app.use(
    stopGracefully({ isAnnounced: () => false, isStopping: () => wayOut.stopping }, async () => {
      await Promise.resolve()
      done.push('settled')
    }),
  )
  app.get('/', () => {
    done.push('handled')
    handle(wayOut)
    return new Response('here')
  })
  return { app, wayOut, done }
}

test('settles what is to be settled before the handler, and leaves the connection as it is', async () => {
  const { app, done } = routes(() => undefined)
  const answer = await app.request('/')
  expect([await answer.text(), answer.headers.get('connection')]).toEqual(['here', null])
  expect(done).toEqual(['settled', 'handled'])
})

test('takes nothing new while the service stops, and asks nobody who is calling', async () => {
  const { app, wayOut, done } = routes(() => undefined)
  wayOut.stopping = true
  expect(await (await app.request('/')).text()).toBe('shutting_down')
  expect(done).toEqual([])
})

test('what was under way when the service began to stop is the last on its connection', async () => {
  const { app } = routes((wayOut) => (wayOut.stopping = true))
  const answer = await app.request('/')
  expect([await answer.text(), answer.headers.get('connection')]).toEqual(['here', 'close'])
})
