import { readFileSync, writeFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import * as z from 'zod/mini'

const FOLDER = new URL('./', import.meta.url)

/** Who asks: a user by its name, or a service that may do all. */
export const SERVICE = 'service'

/** What a program of then told of what it had stored: today's tells the same of its file. */
export const VersionRecord = z.object({
  /** When it was made: the file is read by a clock that goes on from there. */
  at: z.number(),
  answers: z.array(z.object({ as: z.string(), path: z.string(), body: z.unknown() })),
  /** Where alice's phone stood, and where her log ended. */
  phone: z.object({ cursor: z.number(), latest: z.number(), epoch: z.string() }),
  /** A send by key, and its answer. */
  keyed: z.object({ key: z.string(), body: z.unknown(), receipt: z.unknown() }),
  /** A send to many that was cut in the middle, where the version had such. */
  fanOut: z.nullable(z.object({ id: z.string(), total: z.number(), stored: z.number() })),
  /** One that waits for its time. */
  scheduled: z.nullable(z.string()),
})
export type VersionRecord = z.infer<typeof VersionRecord>

export interface Version {
  record: VersionRecord
  /** Writes the database as that program left it. */
  writeTo: (path: string) => void
}

/** The file that the last program of a schema left, and what that program told of it. */
export function readVersion(name: string): Version {
  const record: unknown = JSON.parse(gunzip(`${name}.json.gz`).toString())
  const database = gunzip(`${name}.db.gz`)
  return {
    record: VersionRecord.parse(record),
    writeTo: (path) => writeFileSync(path, database),
  }
}

function gunzip(name: string): Buffer {
  return gunzipSync(readFileSync(new URL(name, FOLDER)))
}
