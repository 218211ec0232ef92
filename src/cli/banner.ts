import { VERSION } from '../protocol/version.js'
import { DEFAULT_URL } from './command.js'

/**
 * What a newcomer reads when the service starts in development: where it is, and three lines to paste that mint a
 * token, listen as a user, and send that user a notification.
 */
export function banner(url: string, databaseUrl: string | undefined): string {
  const at = url === DEFAULT_URL ? '' : ` --url ${url}`
  // The secret lies beside the database: whoever mints from another terminal must name the same one.
  const from = databaseUrl ? `DATABASE_URL='${databaseUrl}' ` : ''
  const command = `${from}npm run -s posthorn --`
  return `
  Posthorn ${VERSION}  ${url}
  In development: on this machine only, with a secret of its own in the data folder.

  Mint a token, listen as alice in a second terminal, and send her a notification:

  TOKEN=$(${command} token --service shop --scope posthorn:send)
  ${command} listen --user alice${at}
  curl ${url}/v1/notifications -H "Authorization: Bearer $TOKEN" -d '{"to":{"user":"alice"},"type":"greeting","title":"Hello"}'
`
}
