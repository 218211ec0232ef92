// Stands in for the program in a test of the demo: a service that forgets all it had each time it starts.
import { rmSync } from 'node:fs'

const database = (process.env.DATABASE_URL ?? '').slice('sqlite:'.length)
for (const ending of ['', '-wal', '-shm']) rmSync(`${database}${ending}`, { force: true })
await import('../../dist/main.js')
