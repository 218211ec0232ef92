import type * as z from 'zod/mini'

// The parts of OpenAPI 3.1 that the document uses, so that the compiler sees a misspelt or missing field.

export type Schema = z.core.JSONSchema.JSONSchema

export type Reference = { $ref: string }

export interface Example {
  summary: string
  value: unknown
}

export interface MediaType {
  schema: Schema | Reference
  examples?: Record<string, Example | Reference>
}

export interface Header {
  description: string
  schema: Schema
  example: string
}

export interface Parameter {
  name: string
  in: 'path' | 'query' | 'header'
  required: boolean
  description: string
  schema: Schema
  example: string | number | boolean
}

export interface Answer {
  description: string
  headers?: Record<string, Header | Reference>
  content?: Record<string, MediaType>
}

export interface Operation {
  operationId: string
  tags: string[]
  summary: string
  description: string
  /** Each entry is one way to be let in; of a bearer token, the scopes that it needs (OpenAPI 3.1.1 §4.8.30.1). */
  security: Record<string, string[]>[]
  parameters?: Parameter[]
  requestBody?: { required: true; description: string; content: Record<string, MediaType> }
  /** By HTTP status. */
  responses: Record<string, Answer>
}

export type PathItem = Partial<Record<'get' | 'put' | 'post' | 'delete', Operation>>

export interface OpenApiDocument {
  openapi: string
  info: Record<string, string | Record<string, string>>
  servers: { url: string; description: string }[]
  tags: { name: string; description: string }[]
  paths: Record<string, PathItem>
  components: {
    schemas: Record<string, Schema>
    headers: Record<string, Header>
    examples: Record<string, Example>
    securitySchemes: Record<string, Record<string, string>>
  }
}
