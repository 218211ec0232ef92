import { describe } from 'vitest'
import { describeStore } from '../contract.js'
import { hasPostgres, openPostgres } from './files.js'

describe.skipIf(!hasPostgres)('PostgreSQL', () => {
  describeStore('PostgresStore', openPostgres)
})
