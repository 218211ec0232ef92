import { VERSION } from '../protocol/version.js'
import { DEFAULT_URL } from './command.js'

export interface BannerOptions {
  /** Where the service listens. */
  url: string
  /** `DATABASE_URL`, where it names a file. */
  databaseUrl: string | undefined
  /** Whether the console is on. */
  console: boolean
}

/**
 * What a newcomer reads when the service starts in development: where it and its console are, and three lines to paste that
 * mint a token, listen as a user, and send that user a notification.
 */
export function banner({ url, databaseUrl, console }: BannerOptions): string {
  const at = url === DEFAULT_URL ? '' : ` --url ${url}`
  // The secret lies beside the database: whoever mints from another terminal must name the same one.
  const from = databaseUrl ? `DATABASE_URL='${databaseUrl}' ` : ''
  const command = `${from}npm run -s posthorn --`
  return `
  Posthorn ${VERSION}  ${url}
  In development: on this machine only, with a secret of its own in the data folder.
${console ? `\n  See it work in the console: ${url}/\n` : ''}
  Mint a token, listen as alice in a second terminal, and send her a notification:

  TOKEN=$(${command} token --service shop --scope posthorn:send)
  ${command} listen --user alice${at}
  curl ${url}/v1/notifications -H "Authorization: Bearer $TOKEN" -d '{"to":{"user":"alice"},"type":"greeting","title":"Hello"}'
`
}
