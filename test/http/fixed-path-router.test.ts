import { expect, test } from 'vitest'
import { FixedPathRouter } from '../../src/http/fixed-path-router.js'

function routed(): FixedPathRouter<string> {
  const router = new FixedPathRouter<string>()
  router.add('ALL', '/v1/*', 'every')
  router.add('GET', '/v1/inbox', 'list')
  router.add('POST', '/v1/inbox', 'write')
  router.add('GET', '/v1/inbox/counts', 'counts')
  router.add('GET', '/v1/inbox/:id{[0-9a-f-]+}', 'one')
  return router
}

function handlersOf(router: FixedPathRouter<string>, method: string, path: string): string[] {
  return router.match(method, path)[0].map(([handler]) => handler)
}

test('finds the handlers of a fixed path by method, the first time and later', () => {
  const router = routed()
  for (const _ of [1, 2]) {
    expect(handlersOf(router, 'GET', '/v1/inbox')).toEqual(['every', 'list'])
    expect(handlersOf(router, 'POST', '/v1/inbox')).toEqual(['every', 'write'])
    expect(handlersOf(router, 'DELETE', '/v1/inbox')).toEqual(['every'])
    expect(handlersOf(router, 'GET', '/v1/inbox/counts')).toEqual(['every', 'counts'])
  }
})

test('finds a pattern by each path that fits it', () => {
  const router = routed()
  for (const id of ['a1', 'b2', 'a1']) {
    const [found] = router.match('GET', `/v1/inbox/${id}`)
    expect(found.map(([handler]) => handler)).toEqual(['every', 'one'])
    expect(found.at(-1)?.[1]).toEqual({ id })
  }
  expect(handlersOf(router, 'GET', '/v1/inbox/zz')).toEqual(['every'])
  expect(handlersOf(router, 'GET', '/elsewhere')).toEqual([])
})

test('remembers one answer for a fixed path, and none for a path that somebody made up', () => {
  const router = routed()
  expect(router.match('GET', '/v1/inbox')).toBe(router.match('GET', '/v1/inbox'))
  expect(router.match('GET', '/v1/a')).not.toBe(router.match('GET', '/v1/a'))
})

test('knows what was added after a path was asked for', () => {
  const router = routed()
  router.match('GET', '/v1/inbox')
  router.add('GET', '/v1/inbox', 'later')
  expect(handlersOf(router, 'GET', '/v1/inbox')).toEqual(['every', 'list', 'later'])
})
