import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import * as z from 'zod/mini'
import { readConfig } from '../../src/config.js'
import { SECRET } from '../harness.js'

const CLUSTER = new URL('../../src/operations/cluster/', import.meta.url)
const text = (name: string): string => readFileSync(new URL(name, CLUSTER), 'utf8')

/** Where settings are declared, one a line: `NAME: z…`. */
const DECLARATIONS = ['config.ts', 'database-settings.ts', 'auth/environment.ts']
  .map((name) => new URL(`../../src/${name}`, import.meta.url))
  .filter((file) => existsSync(file))
  .map((file) => readFileSync(file, 'utf8'))
  .join('\n')

/** Names that the service would not know: a setting that is misspelt is passed over in silence. */
function unknown(environment: Readonly<Record<string, string>>): string[] {
  return Object.keys(environment).filter(
    (name) => !new RegExp(`^ +${name}: (?:z|Whole|Flag|Rate|Listed)`, 'm').test(DECLARATIONS),
  )
}

/** What the settings come to. */
function configOf(environment: Record<string, string>): ReturnType<typeof readConfig> {
  return readConfig({ ...environment, JWT_SECRET: SECRET })
}

const milliseconds = (duration: string): number => {
  const [, count, unit] = /^(\d+)(s|m)$/.exec(duration) ?? []
  return Number(count) * (unit === 'm' ? 60_000 : 1_000)
}

const Networks = z.union([
  z.array(z.string()),
  z.record(z.string(), z.object({ ipv4_address: z.optional(z.string()) })),
])
const ComposeService = z.looseObject({
  environment: z.optional(z.record(z.string(), z.string())),
  networks: Networks,
  restart: z.literal('unless-stopped'),
  stop_grace_period: z.optional(z.string()),
  ports: z.optional(z.array(z.string())),
  ulimits: z.optional(z.object({ nofile: z.number() })),
  command: z.optional(z.array(z.string())),
})
const Compose = z.looseObject({ services: z.record(z.string(), ComposeService) })

/** Its environment, with what .env says. */
const given = ({ environment = {} }: z.infer<typeof ComposeService>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [
      name,
      name === 'PUBLIC_URL' ? 'https://notify.example' : value.replaceAll(/\$\{[^}]*\}/g, 'x'),
    ]),
  )

describe('compose.yaml of the cluster', () => {
  const { services } = Compose.parse(parse(text('compose.yaml'), { merge: true }))
  const nodes = Object.entries(services).filter(([name]) => name.startsWith('node-'))
  const addressOf = (name: string): string | undefined => {
    const networks = services[name]?.networks
    return networks && !Array.isArray(networks) ? networks['front']?.ipv4_address : undefined
  }

  test('runs three nodes under names of their own, by settings that the service knows', () => {
    expect(nodes.map(([, node]) => node.environment?.['NODE_NAME'])).toEqual(
      nodes.map(([name]) => name),
    )
    expect(nodes).toHaveLength(3)
    for (const [, node] of nodes) {
      expect(unknown(given(node))).toEqual([])
      const { maxConnections, shutdownTimeoutMs, database, bus } = configOf(given(node))
      expect([database.kind, bus?.kind]).toEqual(['postgres', 'redis'])
      expect(node.ulimits?.nofile).toBeGreaterThanOrEqual(maxConnections + 5_000)
      expect(milliseconds(node.stop_grace_period ?? '')).toBeGreaterThan(shutdownTimeoutMs)
    }
  })

  test('nginx has the address of each node, and each node that of nginx', () => {
    const servers = [...text('nginx.conf').matchAll(/^ +server ([\d.]+):8080 /gm)]
    expect(servers.map(([, address]) => address)).toEqual(nodes.map(([name]) => addressOf(name)))
    for (const [, node] of nodes) {
      expect(configOf(given(node)).trustedProxies).toEqual([addressOf('nginx')])
    }
  })

  test('only nginx is reached from outside, and PostgreSQL bears the connections of all', () => {
    const open = Object.entries(services).filter(([, { ports }]) => ports !== undefined)
    expect(open.map(([name]) => name)).toEqual(['nginx'])
    for (const name of ['postgres', 'valkey']) expect(services[name]?.networks).toEqual(['back'])
    const words = services['postgres']?.command?.join(' ') ?? ''
    const most = Number(/max_connections=(\d+)/.exec(words)?.[1])
    const asked = nodes.map(([, node]) => Number(node.environment?.['DATABASE_CONNECTIONS']))
    // Beside those of the pools, one each for listening, and what an operator needs.
    expect(asked.reduce((sum, count) => sum + count + 1, 10)).toBeLessThanOrEqual(most)
    expect(words).not.toMatch(/(?:fsync|synchronous_commit|full_page_writes)=/)
  })
})

const Manifest = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), namespace: z.optional(z.string()) }),
})
const Strings = z.record(z.string(), z.string())
const Probe = z.looseObject({ httpGet: z.object({ path: z.string(), port: z.string() }) })
const Deployment = z.looseObject({
  spec: z.looseObject({
    selector: z.object({ matchLabels: Strings }),
    template: z.object({
      metadata: z.object({ labels: Strings }),
      spec: z.looseObject({
        terminationGracePeriodSeconds: z.number(),
        containers: z.tuple([
          z.looseObject({
            ports: z.array(z.object({ name: z.string(), containerPort: z.number() })),
            env: z.array(
              z.object({
                name: z.string(),
                valueFrom: z.object({ fieldRef: z.object({ fieldPath: z.string() }) }),
              }),
            ),
            startupProbe: Probe,
            readinessProbe: Probe,
            livenessProbe: Probe,
            lifecycle: z.object({
              preStop: z.object({
                exec: z.object({ command: z.tuple([z.literal('sleep'), z.string()]) }),
              }),
            }),
          }),
        ]),
      }),
    }),
  }),
})

describe('kubernetes.yaml', () => {
  const manifests = parseAllDocuments(text('kubernetes.yaml')).map((document) => {
    if (document.errors[0]) throw document.errors[0]
    return Manifest.parse(document.toJS())
  })
  const one = (kind: string): z.infer<typeof Manifest> => {
    const [found, ...more] = manifests.filter((each) => each.kind === kind)
    if (!found || more.length > 0) throw new Error(`${kind} must stand there once`)
    return found
  }
  const settings = {
    ...z.object({ data: Strings }).parse(one('ConfigMap')).data,
    ...z.object({ stringData: Strings }).parse(one('Secret')).stringData,
  }
  const { spec } = Deployment.parse(one('Deployment'))
  const pod = spec.template.spec
  const [container] = pod.containers

  test('holds settings that the service knows, and a name for each node', () => {
    const named = Object.fromEntries(
      container.env.map(({ name, valueFrom }) => [name, valueFrom.fieldRef.fieldPath]),
    )
    expect(named).toEqual({ NODE_NAME: 'metadata.name' })
    expect(unknown({ ...settings, ...named })).toEqual([])
    const { port, opsPort, database, bus } = configOf(settings)
    expect([database.kind, bus?.kind]).toEqual(['postgres', 'redis'])
    expect(container.ports.map(({ containerPort }) => containerPort)).toEqual([port, opsPort])
  })

  test('leaves a node the time that it takes to stop', () => {
    const [, seconds] = container.lifecycle.preStop.exec.command
    const { shutdownTimeoutMs } = configOf(settings)
    expect(pod.terminationGracePeriodSeconds * 1_000).toBeGreaterThan(
      Number(seconds) * 1_000 + shutdownTimeoutMs,
    )
  })

  test('asks the right question by each probe: a database that is away ends no node', () => {
    const asked = [container.startupProbe, container.livenessProbe, container.readinessProbe]
    expect(asked.map(({ httpGet }) => httpGet.path)).toEqual(['/healthz', '/healthz', '/readyz'])
    expect(new Set(asked.map(({ httpGet }) => httpGet.port))).toEqual(new Set(['ops']))
  })

  test('every part is of one namespace, and means the same pods', () => {
    const apart = manifests.filter(
      ({ kind, metadata }) => kind !== 'Namespace' && metadata.namespace !== 'posthorn',
    )
    expect(apart).toEqual([])
    expect(spec.template.metadata.labels).toEqual(spec.selector.matchLabels)
    const Selecting = z.looseObject({
      spec: z.looseObject({ selector: z.union([Strings, z.object({ matchLabels: Strings })]) }),
    })
    const selected = manifests
      .filter(({ kind }) => kind === 'Service' || kind === 'PodDisruptionBudget')
      .map((manifest) => Selecting.parse(manifest).spec.selector)
      .map((selector) => ('matchLabels' in selector ? selector.matchLabels : selector))
    for (const labels of selected) expect(labels).toEqual(spec.selector.matchLabels)
    expect(selected).toHaveLength(3)
  })
})
