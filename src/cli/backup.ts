import { parseArgs } from 'node:util'
import { resolve } from 'node:path'
import { backUp } from '../backup.js'
import { readConfig, type Config } from '../config.js'
import { CommandError, parseOptions, type Command } from './command.js'

const USAGE = 'backup FILE'

/** Copies the database to a file, while the service runs, and says what the copy holds. */
export const backupCommand: Command = {
  name: 'backup',
  usage: USAGE,
  run(words) {
    const { positionals } = parseOptions(USAGE, () => {
      const { positionals } = parseArgs({ args: words, options: {}, allowPositionals: true })
      if (positionals.length !== 1) throw new Error('name one file to make')
      return { values: { positionals } }
    })
    const target = resolve(positionals[0] ?? '')
    const { users, notifications } = backUpOrExplain(readConfig(process.env), target)
    console.log(`${target}: sound, users: ${users}, notifications: ${notifications}`)
    return Promise.resolve()
  },
}

function backUpOrExplain(config: Config, target: string): ReturnType<typeof backUp> {
  try {
    return backUp(config, target)
  } catch (error) {
    if (!(error instanceof Error)) throw error
    throw new CommandError(`no backup was made: ${error.message}`, { cause: error })
  }
}
