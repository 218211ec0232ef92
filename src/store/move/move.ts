import { prove } from './proof.js'
import { MoveSource } from './source.js'
import { MOVED_TABLES, type MovedTable } from './tables.js'
import { MoveTarget, type Progress } from './target.js'

/** How far a move has come. */
export interface MoveProgress {
  table: string
  /** Rows of all tables that are there, and that there will be. */
  rows: number
  total: number
}

export interface Moved {
  users: number
  rows: number
  /** Rows that this call has copied: an earlier one may have begun. */
  copied: number
}

/**
 * Moves the log of a SQLite file into a PostgreSQL database, which nobody may use before that is done. Whatever ends it on its way, the
 * next call goes on from the last batch that was written. The file stays as it is, and no service runs over it meanwhile.
 * @throws Error where either is not fit for it, with nothing changed; or where it ends on its way
 */
export async function moveDatabase(
  from: string,
  to: string,
  told: (progress: MoveProgress) => void,
): Promise<Moved> {
  using source = MoveSource.open(from)
  await using target = await MoveTarget.open(to)
  const begun = await target.begin(source)
  const total = MOVED_TABLES.reduce((sum, table) => sum + source.count(table), 0)
  const before = [...begun.values()].reduce((sum, { rows }) => sum + rows, 0)
  let rows = before
  for (const table of MOVED_TABLES) {
    const progress = begun.get(table.name)
    if (!progress) throw new Error('the target holds an unfinished move of another version')
    await copyTable(source, target, { table, progress }, (count) => {
      rows += count
      told({ table: table.name, rows, total })
    })
  }
  await prove(source, target)
  for (const { name } of MOVED_TABLES) await target.query(`ANALYZE ${name}`)
  const drawing = MOVED_TABLES.filter(({ drawsIds }) => drawsIds)
  const highest = new Map(drawing.map((table) => [table.name, source.highest(table)]))
  await target.finish({ meta: source.meta, highest })
  return { users: source.meta.users, rows, copied: rows - before }
}

/** While a batch is written the next one is read. */
async function copyTable(
  source: MoveSource,
  target: MoveTarget,
  { table, progress }: { table: MovedTable; progress: Progress },
  written: (rows: number) => void,
): Promise<void> {
  let { place } = progress
  let writing = Promise.resolve()
  for (const batch of source.batches(table, place)) {
    await writing
    const from = place
    place = batch.place
    writing = target.write(table, batch, from).then(() => written(batch.rows.length))
    // Told where it is waited for.
    writing.catch(() => undefined)
  }
  await writing
}
