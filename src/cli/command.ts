import { DeviceId } from '../protocol/identifiers.js'

/** One subcommand of `posthorn`. */
export interface Command {
  name: string
  /** How to call it, without `posthorn`. */
  usage: string
  /** @throws CommandError where it is called wrong, or what it does fails in a way that needs no stack */
  run: (words: string[]) => Promise<void>
}

/** Something for the person at the terminal to mend. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
}

/** Parses a command's options by `node:util`'s `parseArgs`, and says how it is called where that fails. */
export function parseOptions<Values>(usage: string, parse: () => { values: Values }): Values {
  try {
    return parse().values
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new CommandError(`${reason}\nusage: posthorn ${usage}`, { cause: error })
  }
}

/** @throws CommandError where an option that is needed is not there */
export function required(value: string | undefined, option: string, usage: string): string {
  if (value === undefined || value === '') {
    throw new CommandError(`${option} is required\nusage: posthorn ${usage}`)
  }
  return value
}

/** Where the service is, unless `--url` says otherwise. */
export const DEFAULT_URL = 'http://127.0.0.1:8080'

/** @throws CommandError where `--url` is none of http(s) */
export function serviceUrl(text: string = DEFAULT_URL): URL {
  const url = URL.parse(text)
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw new CommandError('--url takes an http or https URL')
  }
  return url
}

/** @throws CommandError where the text names no device */
export function deviceName(text: string): string {
  if (!DeviceId.safeParse(text).success) {
    throw new CommandError('--device takes 1–128 of A-Z a-z 0-9 . _ : -')
  }
  return text
}
