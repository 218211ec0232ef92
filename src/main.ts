#!/usr/bin/env node
import { backupCommand } from './cli/backup.js'
import { checkCommand } from './cli/check.js'
import { listenCommand } from './cli/listen.js'
import { migrateDataCommand } from './cli/migrate-data.js'
import { sendCommand } from './cli/send.js'
import { serveCommand } from './cli/serve.js'
import { tokenCommand } from './cli/token.js'
import { CommandError } from './cli/command.js'
import { KeysError } from './auth/open-issuers.js'
import { ConfigError } from './config.js'
import { PosthornError } from './protocol/errors.js'
import { VERSION } from './protocol/version.js'

const COMMANDS = [
  serveCommand,
  tokenCommand,
  sendCommand,
  listenCommand,
  backupCommand,
  checkCommand,
  migrateDataCommand,
]

const USAGE = `posthorn ${VERSION}

${COMMANDS.map(({ usage }) => `  posthorn ${usage}`).join('\n')}

Settings come from the environment: see the README.`

/** The `posthorn` command: exit code 0, or 1 with one clear line for each thing that is wrong. */
async function main([name, ...words]: string[]): Promise<void> {
  if (name === '--version') return console.log(VERSION)
  if (name === undefined || name === '--help' || name === 'help') return console.log(USAGE)
  const command = COMMANDS.find((known) => known.name === name)
  if (!command) throw new CommandError(`there is no command \`${name}\`\n\n${USAGE}`)
  await command.run(words)
}

function complain(error: unknown): void {
  process.exitCode = 1
  if (error instanceof ConfigError || error instanceof KeysError) {
    for (const line of error.lines) console.error(`posthorn: ${line}`)
  } else if (error instanceof CommandError || error instanceof PosthornError) {
    console.error(`posthorn: ${error.message}`)
  } else {
    console.error('posthorn:', error)
  }
}

main(process.argv.slice(2)).catch(complain)
