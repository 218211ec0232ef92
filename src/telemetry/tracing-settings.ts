/** Where traces go; the SDK reads what else it needs from the same standard variables. */
export interface TracingSettings {
  /** The collector's address for traces: OTLP over HTTP, as JSON. */
  url: string
}

/** https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/ */
const SAMPLERS: readonly (string | undefined)[] = [
  undefined,
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
]

/** The SDK would pass over what is wrong here, and nobody would learn why nothing comes, or too much. */
export function tracingComplaints(given: NodeJS.ProcessEnv): string[] {
  const wrong: readonly [string, boolean, string][] = [
    ...['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'].map(
      (name): [string, boolean, string] => [
        name,
        given[name] !== undefined && !isHttp(given[name]),
        'the http(s) URL of a collector, like http://127.0.0.1:4318',
      ],
    ),
    ...['OTEL_EXPORTER_OTLP_PROTOCOL', 'OTEL_EXPORTER_OTLP_TRACES_PROTOCOL'].map(
      (name): [string, boolean, string] => [
        name,
        given[name] === 'grpc',
        'http/json: this version does not speak gRPC',
      ],
    ),
    ['OTEL_TRACES_SAMPLER', !SAMPLERS.includes(given['OTEL_TRACES_SAMPLER']), known(SAMPLERS)],
    [
      'OTEL_TRACES_SAMPLER_ARG',
      !isShare(given['OTEL_TRACES_SAMPLER_ARG']),
      'the share of traces, 0 to 1',
    ],
  ]
  if (readTracing(given) === undefined) return []
  return wrong.flatMap(([name, isWrong, expected]) =>
    isWrong ? [`${name}: must be ${expected}`] : [],
  )
}

/**
 * On where the standard variables name a collector, for traces or for everything; `OTEL_SDK_DISABLED=true` and
 * `OTEL_TRACES_EXPORTER=none` keep it off.
 */
export function readTracing(given: NodeJS.ProcessEnv): TracingSettings | undefined {
  const { OTEL_SDK_DISABLED: disabled, OTEL_TRACES_EXPORTER: exporter = 'otlp' } = given
  if (disabled?.toLowerCase() === 'true' || exporter !== 'otlp') return undefined
  const { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: traces, OTEL_EXPORTER_OTLP_ENDPOINT: all } = given
  if (traces !== undefined) return { url: traces }
  // https://opentelemetry.io/docs/specs/otel/protocol/exporter/#endpoint-urls-for-otlphttp
  return all === undefined ? undefined : { url: `${all.replace(/\/$/, '')}/v1/traces` }
}

function isHttp(text: string): boolean {
  const protocol = URL.parse(text)?.protocol
  return protocol === 'http:' || protocol === 'https:'
}

function isShare(text: string | undefined): boolean {
  return text === undefined || (/^\d*\.?\d+$/.test(text) && Number(text) <= 1)
}

function known(names: readonly (string | undefined)[]): string {
  return names.filter((name) => name !== undefined).join(', ')
}
