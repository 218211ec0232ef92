import { createServer, type Server } from 'node:http'
import { text } from 'node:stream/consumers'
import * as z from 'zod/mini'
import { listen } from '../src/http/listen.js'

const Attribute = z.object({
  key: z.string(),
  value: z.looseObject({
    stringValue: z.optional(z.string()),
    intValue: z.optional(z.int()),
    boolValue: z.optional(z.boolean()),
  }),
})
const Attributes = z.pipe(
  z.array(Attribute),
  z.transform((attributes) =>
    Object.fromEntries(
      attributes.map(({ key, value }) => [
        key,
        value.stringValue ?? value.intValue ?? value.boolValue,
      ]),
    ),
  ),
)
const Span = z.object({
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.optional(z.string()),
  traceState: z.optional(z.string()),
  name: z.string(),
  startTimeUnixNano: z.string(),
  endTimeUnixNano: z.string(),
  attributes: Attributes,
  status: z.object({ code: z.int() }),
})

/** https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding, as far as the tests look. */
const Export = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes: Attributes }),
      scopeSpans: z.array(z.object({ spans: z.array(Span) })),
    }),
  ),
})

export type ExportedSpan = z.infer<typeof Span>

/** Stands in for an OTLP collector over HTTP. */
export class Collector {
  readonly url: string
  /** What came, as it came. */
  readonly bodies: string[] = []
  readonly paths: string[] = []
  /** With which each export is answered. */
  status: number
  readonly #server: Server

  static async open({ status = 200 }: { status?: number } = {}): Promise<Collector> {
    const server = createServer()
    const url = await listen(server, { scheme: 'http', host: '127.0.0.1', port: 0 })
    return new Collector(server, url, status)
  }

  private constructor(server: Server, url: string, status: number) {
    this.url = url
    this.#server = server
    this.status = status
    server.on('request', (request, response) => {
      void text(request).then((body) => {
        this.bodies.push(body)
        this.paths.push(request.url ?? '')
        response.writeHead(this.status, { 'content-type': 'application/json' }).end('{}')
      })
    })
  }

  get spans(): ExportedSpan[] {
    return this.#exports.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans))
  }

  get resource(): Record<string, unknown> | undefined {
    return this.#exports[0]?.resource.attributes
  }

  /** The one span of this name; fails where there is none or more. */
  one(name: string): ExportedSpan {
    const [span, ...more] = this.spans.filter((span) => span.name === name)
    if (!span || more.length > 0) throw new Error(`${more.length + (span ? 1 : 0)} spans ${name}`)
    return span
  }

  get #exports() {
    return this.bodies.flatMap((body) => Export.parse(JSON.parse(body)).resourceSpans)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve))
    this.#server.closeAllConnections()
    await closed
  }
}
