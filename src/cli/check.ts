import { parseArgs } from 'node:util'
import { check } from '../check.js'
import { readConfig } from '../config.js'
import { CommandError, parseOptions, type Command } from './command.js'

const USAGE = 'check'

/** Tells whether a service would start with these settings, and whether its keys and its database are sound. */
export const checkCommand: Command = {
  name: 'check',
  usage: USAGE,
  async run(words) {
    parseOptions(USAGE, () => parseArgs({ args: words, options: {} }))
    const findings = await check(readConfig(process.env))
    console.log('settings: good')
    for (const { good, says } of findings) if (good) console.log(says)
    const wrong = findings.filter(({ good }) => !good).map(({ says }) => says)
    if (wrong.length > 0) throw new CommandError(wrong.join('\nposthorn: '))
  },
}
