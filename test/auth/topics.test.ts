import { describe, expect, test } from 'vitest'
import { allowsTopic, isTopicPattern } from '../../src/auth/topics.js'

describe('a pattern', () => {
  test.each([
    ['news', 'news'],
    ['news.eu', 'news.eu'],
    ['news.*', 'news.eu'],
    ['news.*', 'news.eu/de:x'],
    ['*', 'news'],
    ['*', 'news/eu'],
    ['*.eu', 'news.eu'],
    ['news.*.de', 'news.eu.de'],
    ['*.*', 'news.eu'],
    ['a.', 'a.'],
    ['.', '.'],
    ['a..b', 'a..b'],
  ])('%s allows %s', (pattern, topic) => {
    expect(allowsTopic([pattern], topic)).toBe(true)
    expect(allowsTopic(['other', pattern, 'another'], topic)).toBe(true)
  })

  test.each([
    ['news', 'News'],
    ['news', 'news.eu'],
    ['news.eu', 'news'],
    ['news.*', 'news'],
    ['news.*', 'news.'],
    ['news.*', 'news.eu.de'],
    ['news.*', 'xnews.eu'],
    ['news.*', 'news/eu'],
    ['news.eu', 'newsxeu'],
    ['*', 'news.eu'],
    ['*', '.'],
    ['*.eu', '.eu'],
    ['*.*', 'news'],
    ['a.*.b', 'a..b'],
    ['.', '..'],
  ])('%s does not allow %s', (pattern, topic) => {
    expect(allowsTopic([pattern], topic)).toBe(false)
  })

  test('is needed: none allows nothing', () => {
    expect(allowsTopic([], 'news')).toBe(false)
  })

  test.each([
    ['news.*', true],
    ['*', true],
    ['A-z_0:9/.', true],
    ['x'.repeat(128), true],
    ['', false],
    ['**', false],
    ['news*', false],
    ['*news', false],
    ['news eu', false],
    ['news,eu', false],
    ['news\n', false],
    ['ü', false],
    ['x'.repeat(129), false],
    ['a.'.repeat(200), false],
  ])('%j: %s', (text, isOne) => {
    expect(isTopicPattern(text)).toBe(isOne)
  })
})
