import { afterAll, beforeAll } from 'vitest'
import { startService, tokenFor, type TestService } from './harness.js'

/** One service for a file's tests, and a token of alice's: both are there once the tests run. */
export function useService(): () => { service: TestService; token: string } {
  let service: TestService
  let token: string
  beforeAll(async () => {
    service = await startService()
    token = await tokenFor('alice')
  })
  afterAll(async () => {
    await service[Symbol.asyncDispose]()
  })
  return () => ({ service, token })
}
