import { expect, test } from 'vitest'
import { openWriter } from '../../../src/store/sqlite/database.js'
import { migrate } from '../../../src/store/sqlite/migrate.js'
import { readerOperations, writerOperations } from '../../../src/store/sqlite/operations.js'
import { temporaryFolder } from '../../harness.js'
import { ROOMY } from '../contract/store-under-test.js'

/** All that the two threads prepare, over a database that is closed when the scope ends. */
function prepareAll() {
  const folder = temporaryFolder()
  const connection = openWriter(`${folder.path}/posthorn.db`)
  migrate(connection)
  const statements = new Set<string>()
  const watched = new Proxy(connection, {
    get(target, name: keyof typeof connection) {
      if (name !== 'prepare') return target[name]
      return (sql: string) => {
        statements.add(sql)
        return target.prepare(sql)
      }
    },
  })
  writerOperations(watched, ROOMY)
  readerOperations(watched, ROOMY)
  return {
    connection,
    statements,
    [Symbol.dispose]() {
      connection.close()
      folder[Symbol.dispose]()
    },
  }
}

test('every statement finds its rows by an index: none walks through a table or a whole inbox', () => {
  using prepared = prepareAll()
  const { connection, statements } = prepared
  const walks = [...statements].flatMap((sql) => {
    const asked = sql.replaceAll(/\?|:[a-zA-Z]+/g, '1')
    const plan = connection.prepare<[], { detail: string }>(`EXPLAIN QUERY PLAN ${asked}`).all()
    const steps = plan.map(({ detail }) => detail)
    // The one row of `meta`, the list that came with the question, and what a part of the question has found by an index and
    // cut to a page, are walked through.
    const isWalk = (step: string): boolean =>
      /^SCAN (?!meta$|wanted VIRTUAL TABLE|CONSTANT ROW|reached$|\(subquery-\d+\)$)/.test(step) ||
      // By its user alone, in a statement that names ids.
      (sql.includes(':ids') && /SEARCH inbox .*\(user=\?\)/.test(step))
    return steps.some(isWalk) ? [`${sql}\n${steps.join('\n')}`] : []
  })
  expect(statements.size).toBeGreaterThan(60)
  expect(walks).toEqual([])
})

// SQLite plans a bare parameter there by its value, and therefore prepares the whole statement anew each time that one is
// bound: a page of a log took twice as long. A sign before it hides it.
test('no statement is prepared anew each time that it runs', () => {
  using prepared = prepareAll()
  expect([...prepared.statements].filter((sql) => /LIMIT\s+[?:]/i.test(sql))).toEqual([])
})
