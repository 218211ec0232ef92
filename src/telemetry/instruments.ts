import { Counter, Gauge, Histogram, type Registry } from 'prom-client'

/** Where instruments are made: one for each service, since one process may run several. */
export type Instruments = Registry

interface Described<Label extends string> {
  /** Without the prefix; with its unit, and `_total` where it counts (https://prometheus.io/docs/practices/naming). */
  name: string
  help: string
  /** Each of a few values that are known beforehand: never a user, a device, a token or a path. */
  labels?: readonly Label[]
}

/** All names of ours begin so. */
const PREFIX = 'posthorn_'

/** What only grows. */
export function counter<Label extends string = never>(
  registry: Instruments,
  { name, help, labels = [] }: Described<Label>,
): Counter<Label> {
  return new Counter({ name: PREFIX + name, help, labelNames: labels, registers: [registry] })
}

/** What goes up and down. */
export function gauge<Label extends string = never>(
  registry: Instruments,
  { name, help, labels = [] }: Described<Label>,
): Gauge<Label> {
  return new Gauge({ name: PREFIX + name, help, labelNames: labels, registers: [registry] })
}

/** How values are spread; `buckets` are their upper bounds. */
export function histogram<Label extends string = never>(
  registry: Instruments,
  { name, help, labels = [], buckets }: Described<Label> & { buckets: readonly number[] },
): Histogram<Label> {
  return new Histogram({
    name: PREFIX + name,
    help,
    labelNames: labels,
    buckets: [...buckets],
    registers: [registry],
  })
}

/** Makes a counter show a sum that is kept elsewhere, where adding costs less. */
export function showSum<Label extends string>(
  counter: Counter<Label>,
  sum: number,
  labels: Partial<Record<Label, string>> = {},
): void {
  counter.remove(labels)
  counter.inc(labels, sum)
}
