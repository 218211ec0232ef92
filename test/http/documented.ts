import type * as z from 'zod/mini'
import { COMPONENTS } from '../../src/http/openapi/components.js'
import { openApiDocument } from '../../src/http/openapi/document.js'
import type { MediaType, Operation } from '../../src/http/openapi/types.js'

/** The document that `openapi.yaml` is the text of. */
export const openApi = openApiDocument()

/** Each of its operations, and where it stands. */
export const operations: { path: string; method: string; operation: Operation }[] = Object.entries(
  openApi.paths,
).flatMap(([path, item]) =>
  Object.entries(item).map(([method, operation]) => ({ path, method, operation })),
)

export function operationNamed(operationId: string): Operation {
  const found = operations.find(({ operation }) => operation.operationId === operationId)
  if (!found) throw new Error(`there is no operation ${operationId}`)
  return found.operation
}

/** A body of a request or an answer. */
interface Content {
  /** Undefined for a request. */
  status: number | undefined
  type: string
  content: MediaType
}

/** Every body of an operation. */
export function contentsOf({ requestBody, responses }: Operation): Content[] {
  const bodies: [number | undefined, Record<string, MediaType>][] = [
    [undefined, requestBody?.content ?? {}],
    ...Object.entries(responses).map(
      ([status, { content = {} }]): [number, Record<string, MediaType>] => [
        Number(status),
        content,
      ],
    ),
  ]
  return bodies.flatMap(([status, contents]) =>
    Object.entries(contents).map(([type, content]) => ({ status, type, content })),
  )
}

/** The values of the examples, those that stand among the components looked up. */
export function examplesOf(content: MediaType | undefined): unknown[] {
  return Object.values(content?.examples ?? {}).map((example) => {
    if ('value' in example) return example.value
    const shared = openApi.components.examples[nameAt('examples', example.$ref)]
    if (!shared) throw new Error(`there is no example at ${example.$ref}`)
    return shared.value
  })
}

/** The schema that a reference names. */
export function componentAt(reference: string | undefined): z.ZodMiniType {
  const name = nameAt('schemas', reference)
  const found = Object.entries(COMPONENTS).find(([component]) => component === name)
  if (!found) throw new Error(`there is no schema at ${reference}`)
  return found[1].schema
}

function nameAt(kind: 'schemas' | 'examples', reference = ''): string {
  const prefix = `#/components/${kind}/`
  if (!reference.startsWith(prefix)) throw new Error(`${reference} is not among the ${kind}`)
  return reference.slice(prefix.length)
}
