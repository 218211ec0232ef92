// Stands in for the program in a test of the demo: a service that forgets at each start what was taken back.
import { existsSync } from 'node:fs'
import Database from 'better-sqlite3'

const path = (process.env.DATABASE_URL ?? '').slice('sqlite:'.length)
if (existsSync(path)) {
  const database = new Database(path)
  database.exec('DELETE FROM inbox WHERE removed IS NOT NULL')
  database.close()
}
await import('../../dist/main.js')
