import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { Registry } from 'prom-client'
import { parse } from 'yaml'
import * as z from 'zod/mini'
import { ClusterMetrics } from '../../src/telemetry/cluster-metrics.js'
import { startService, temporaryFolder, type TestService } from '../harness.js'
import { Measured, measure } from '../measured.js'
import { clusterAtRest } from '../telemetry/cluster-at-rest.js'
import { hasPromtool, promtool } from '../promtool.js'

const ALERTS = fileURLToPath(new URL('../../src/operations/alerts.yaml', import.meta.url))
const DASHBOARD = new URL('../../src/operations/grafana-dashboard.json', import.meta.url)

const Rules = z.object({
  groups: z.array(
    z.object({
      rules: z.array(
        z.object({
          alert: z.string(),
          expr: z.string(),
          for: z.string(),
          labels: z.object({ severity: z.enum(['page', 'ticket']) }),
          annotations: z.object({ summary: z.string(), action: z.string() }),
        }),
      ),
    }),
  ),
})

const Place = z.object({ h: z.number(), w: z.number(), x: z.number(), y: z.number() })
const Dashboard = z.object({
  templating: z.object({ list: z.array(z.object({ name: z.string(), type: z.string() })) }),
  panels: z.array(
    z.object({
      id: z.number(),
      title: z.string(),
      gridPos: Place,
      targets: z.optional(
        z.array(z.object({ expr: z.string(), datasource: z.object({ uid: z.string() }) })),
      ),
    }),
  ),
})

const rules = Rules.parse(parse(readFileSync(ALERTS, 'utf8'))).groups.flatMap(({ rules }) => rules)
const dashboard = Dashboard.parse(JSON.parse(readFileSync(DASHBOARD, 'utf8')))
const queries = dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))

/** The metrics that a query names. */
function namesIn(query: string): string[] {
  return query.match(/\b(?:posthorn|process|nodejs)_\w+/g) ?? []
}

/** What a service over SQLite measures, and what one of several nodes does beside it. */
async function measureAll(service: TestService): Promise<Measured> {
  const registry = new Registry()
  await new ClusterMetrics(registry).show(clusterAtRest(), { withinMs: 1_000 })
  return new Measured((await measure(service)).text + (await registry.metrics()))
}

/** Values of labels that a query asks for, those with a pattern apart. */
function selectorsIn(query: string): [string, string][] {
  return [...query.matchAll(/(\w+)="([^"]+)"/g)].map(([, label = '', value = '']) => [label, value])
}

test.each([
  ['the alerts', rules.map(({ expr }) => expr)],
  ['the dashboard', queries],
])('%s name what a running service measures, and no other', async (_name, asked) => {
  await using service = await startService()
  await service.api.send('alice', 'x')
  const { kinds, text } = await measureAll(service)
  const known = new Set(
    [...kinds].flatMap(([name, kind]) =>
      kind === 'histogram' ? ['_bucket', '_sum', '_count'].map((end) => name + end) : [name],
    ),
  )
  const names = asked.flatMap(namesIn)
  expect(names.length).toBeGreaterThan(10)
  expect(names.filter((name) => !known.has(name))).toEqual([])
  const selected = asked.flatMap(selectorsIn).filter(([label]) => label !== 'job')
  expect(selected.filter(([label, value]) => !text.includes(`${label}="${value}"`))).toEqual([])
})

test('the dashboard shows all that is measured', async () => {
  await using service = await startService()
  const { kinds } = await measureAll(service)
  const shown = new Set(
    queries.flatMap(namesIn).map((name) => name.replace(/_(?:bucket|sum|count)$/, '')),
  )
  expect([...kinds.keys()].filter((name) => !shown.has(name))).toEqual([])
})

test('every alert waits a while, and says what is wrong and what to do', () => {
  expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length)
  for (const { alert, for: waits, annotations } of rules) {
    expect(alert).toMatch(/^Posthorn[A-Z]/)
    expect(waits).toMatch(/^[1-9]\d*m$/)
    expect(annotations.summary).toMatch(/^.{20,}\.$|: \{\{ \$labels\.code \}\}\.$/)
    expect(annotations.action.length).toBeGreaterThan(40)
  }
})

test('the dashboard takes its data source as a variable, and no panel lies over another', () => {
  expect(dashboard.templating.list[0]).toEqual({ name: 'datasource', type: 'datasource' })
  const sources = dashboard.panels.flatMap(({ targets = [] }) => targets.map((t) => t.datasource))
  expect(new Set(sources.map(({ uid }) => uid))).toEqual(new Set(['${datasource}']))
  const { panels } = dashboard
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
  const overlaps = panels.flatMap((one, index) =>
    panels.slice(index + 1).filter((other) => overlap(one.gridPos, other.gridPos)),
  )
  expect(overlaps).toEqual([])
})

test.skipIf(!hasPromtool())('Prometheus takes the alerts, and every query of the dashboard', () => {
  expect(promtool(['check', 'rules', ALERTS])).toBe('')
  // As rules, since promtool reads queries nowhere else; what Grafana puts in is put in.
  const recorded = queries.map((query, index) => ({
    record: `panel:${index}`,
    expr: query.replaceAll('$__rate_interval', '5m').replaceAll('$instance', '.*'),
  }))
  using folder = temporaryFolder()
  const file = join(folder.path, 'dashboard.yaml')
  writeFileSync(file, JSON.stringify({ groups: [{ name: 'dashboard', rules: recorded }] }))
  expect(promtool(['check', 'rules', file])).toBe('')
})

function overlap(a: z.infer<typeof Place>, b: z.infer<typeof Place>): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h
}
