import { beforeAll, describe, expect, test } from 'vitest'
import { Client } from 'pg'
import * as z from 'zod/mini'
import { numbers } from '../contract/store-under-test.js'
import { fillWithCrowd } from './crowd.js'
import { hasPostgres, makeDatabase } from './files.js'
import { collectStatements, type Statement } from './statements.js'

/** What one does; those below it are what it takes its rows from. */
const Step = z.object({
  'Node Type': z.string(),
  'Relation Name': z.optional(z.string()),
  'Index Cond': z.optional(z.string()),
  get Plans() {
    return z.optional(z.array(Step))
  },
})
type Step = z.infer<typeof Step>
const Explained = z.object({ 'QUERY PLAN': z.tuple([z.object({ Plan: Step })]) })

/** Of one row, of a row for each node or step of the schema, what is folded into one again and again, and what is under way. */
const SMALL = new Set([
  'meta',
  'nodes',
  'duties',
  'schema_migrations',
  'known_users',
  'fan_outs',
  'erasures',
])

/** Commands that share a statement, where a node has much to do. */
const GROUP = 200

/** A list as it is in a larger group: what is planned well for one row may be planned badly for many. */
function stretched(value: unknown): unknown {
  if (!Array.isArray(value) || value.length === 0) return value
  const list: readonly unknown[] = value
  return numbers(0, GROUP - 1).map((index) => list[index % list.length])
}

async function explain(client: Client, { sql, values }: Statement): Promise<Step> {
  const { rows } = await client.query<Record<string, unknown>>(`EXPLAIN (FORMAT JSON) ${sql}`, [
    ...values,
  ])
  return Explained.parse(rows[0])['QUERY PLAN'][0].Plan
}

/** Steps that go through a table, or through the whole of an index, or of a user's inbox; what stops after some rows goes through neither. */
function walksIn(step: Step, isCut = false): string[] {
  const { 'Node Type': type, 'Relation Name': table, 'Index Cond': condition } = step
  const isScan = /(?<!Tid) Scan$/.test(type) && table !== undefined && !SMALL.has(table)
  const isBitmap = type === 'Bitmap Heap Scan'
  const isWhole =
    type === 'Seq Scan' || (!isBitmap && condition === undefined && !isCut) || isInbox(step, isCut)
  const here = isScan && isWhole ? [`${type} on ${table} by ${condition ?? 'nothing'}`] : []
  const isCutBelow =
    type === 'Limit' ||
    (isCut && /^(?:Nested Loop|LockRows|Subquery Scan|WindowAgg|Result)$/.test(type))
  return [...here, ...(step.Plans ?? []).flatMap((below) => walksIn(below, isCutBelow))]
}

/** By its user alone. */
function isInbox({ 'Relation Name': table, 'Index Cond': condition = '' }: Step, isCut: boolean) {
  return table === 'inbox' && !isCut && /^\((?:inbox\.)?user_id = [^()]+\)$/.test(condition)
}

describe.skipIf(!hasPostgres)('the statements of the PostgreSQL store', () => {
  let statements: Statement[]
  beforeAll(async () => {
    statements = await collectStatements(1)
  }, 120_000)

  test.each([
    ['whose statistics tell of its crowd', { analysed: true }],
    ['whose statistics know of nothing yet', { analysed: false }],
  ])(
    'find their rows by an index in a database %s',
    async (_what, options) => {
      await using database = await makeDatabase()
      await fillWithCrowd(database.url, options)
      const client = new Client({ connectionString: database.url })
      await client.connect()
      const walks: string[] = []
      try {
        for (const statement of statements) {
          const found = walksIn(await explain(client, statement))
          if (found.length > 0) walks.push(`${statement.sql}\n${found.join('\n')}`)
        }
      } finally {
        await client.end()
      }
      expect(statements.length).toBeGreaterThan(100)
      expect(walks).toEqual([])
    },
    120_000,
  )

  test('never walk through the inbox, however many commands share them, and however little the statistics know', async () => {
    await using database = await makeDatabase()
    await fillWithCrowd(database.url, { analysed: false })
    const client = new Client({ connectionString: database.url })
    await client.connect()
    const walks: string[] = []
    try {
      for (const { sql, values } of statements) {
        const found = walksIn(await explain(client, { sql, values: values.map(stretched) }))
        if (found.some((walk) => walk.includes(' on inbox by '))) walks.push(sql)
      }
    } finally {
      await client.end()
    }
    expect(walks).toEqual([])
  }, 120_000)
})
