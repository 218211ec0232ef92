import type { TestService } from './harness.js'
import { tokenFor } from './harness.js'

/** A reading of `/metrics`, taken apart. */
export class Measured {
  readonly text: string
  /** By its name and labels, as `name{a="b"}`, labels in alphabetical order. */
  readonly #values = new Map<string, number>()
  /** The kind of each metric, by its name. */
  readonly kinds = new Map<string, string>()
  readonly labels = new Set<string>()

  /** @throws Error for a line that the text format does not have */
  constructor(text: string) {
    this.text = text
    for (const line of text.split('\n')) if (line !== '') this.#take(line)
  }

  /** The value of a series; undefined where it is not shown. */
  value(name: string, labels: Record<string, string> = {}): number | undefined {
    return this.#values.get(keyOf(name, Object.entries(labels)))
  }

  /** The series of a metric that are above 0, as `name{a="b"}`, in alphabetical order. */
  above0(name: string): string[] {
    const found = [...this.#values].filter(
      ([key, value]) => key.startsWith(`${name}{`) && value > 0,
    )
    return found.map(([key]) => key).toSorted()
  }

  #take(line: string): void {
    const comment = /^# (HELP|TYPE) ([a-z_]+) (.+)$/.exec(line)
    if (comment) {
      const [, what, name = '', rest = ''] = comment
      if (what === 'TYPE') this.kinds.set(name, rest)
      return
    }
    const [, name = '', labels = '', value = ''] = /^([a-z_]+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? []
    const pairs = [...labels.matchAll(/([a-z_]+)="((?:[^"\\]|\\.)*)",?/g)]
    const entries = pairs.map(([, label = '', said = '']): [string, string] => [label, said])
    if (name === '' || Number.isNaN(Number(value.replace('+Inf', 'Infinity')))) {
      throw new Error(`not of the text format: ${line}`)
    }
    for (const [label] of entries) this.labels.add(label)
    this.#values.set(keyOf(name, entries), Number(value))
  }
}

function keyOf(name: string, labels: [string, string][]): string {
  const sorted = labels.toSorted(([a], [b]) => (a < b ? -1 : 1))
  return `${name}{${sorted.map(([label, value]) => `${label}="${value}"`).join(',')}}`
}

/** Reads the metrics of a service, by its main port. */
export async function measure({ api }: Pick<TestService, 'api'>): Promise<Measured> {
  const token = await tokenFor('prometheus', { scope: 'posthorn:metrics' })
  const response = await api.request('/metrics', { token })
  if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`)
  return new Measured(await response.text())
}

/** Reads them until they fit. */
export async function measuredUntil(
  service: Pick<TestService, 'api'>,
  fits: (measured: Measured) => boolean,
): Promise<Measured> {
  for (;;) {
    const measured = await measure(service)
    if (fits(measured)) return measured
  }
}
