import { parseArgs } from 'node:util'
import { ConfigError } from '../config.js'
import { move } from '../move.js'
import { CommandError, parseOptions, type Command } from './command.js'
import { ProgressLine } from './progress-line.js'

const USAGE = 'migrate-data sqlite:FILE postgres://…'

/** Moves the log from a SQLite file into PostgreSQL; called again where it was ended, it goes on. */
export const migrateDataCommand: Command = {
  name: 'migrate-data',
  usage: USAGE,
  async run(words) {
    const { positionals } = parseOptions(USAGE, () => {
      const { positionals } = parseArgs({ args: words, options: {}, allowPositionals: true })
      if (positionals.length !== 2) throw new Error('name from where, and where to')
      return { values: { positionals } }
    })
    const [from = '', to = ''] = positionals
    const began = performance.now()
    const line = new ProgressLine(process.stderr)
    const { users, rows, copied } = await moveOrExplain(() => {
      return move(from, to, ({ table, rows, total }) => line.tell(table, rows, total))
    }).finally(() => line.end())
    const seconds = (performance.now() - began) / 1000
    const rate = Math.round(copied / Math.max(seconds, 0.001))
    console.log(
      `moved, users: ${users}, rows: ${rows}; ${copied} of them in ${seconds.toFixed(1)} s, ${rate} a second`,
    )
  },
}

async function moveOrExplain<Result>(begin: () => Promise<Result>): Promise<Result> {
  try {
    return await begin()
  } catch (error) {
    if (!(error instanceof Error)) throw error
    const wrong =
      error instanceof ConfigError
        ? `name sqlite: and a file, then a postgres:// URL\nusage: posthorn ${USAGE}`
        : `the move did not end: ${error.message}`
    throw new CommandError(wrong, { cause: error })
  }
}
