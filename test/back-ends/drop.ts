import { afterAll } from 'vitest'
import { dropDatabases } from './database.js'

// The databases of a file of tests go with it.
afterAll(dropDatabases)
