import { endWithParent, readArgument, tellParent } from '../child-side.js'
import { LoadOptions } from '../messages.js'
import { Fleet, withTokens } from './fleet.js'
import { urlsOf, userNames } from './requests.js'

// The load of `memory`: devices that are there, and nothing more.

const options = LoadOptions.parse(readArgument())
endWithParent()
const passengers = await withTokens(options.secret, userNames(options.users))
const fleet = await Fleet.open({ urls: urlsOf(options) }, passengers, (error) => {
  console.error(error)
  process.exit(1)
})
if (fleet.caughtUp !== passengers.length) throw new Error('not all devices have caught up')
tellParent({ kind: 'ready' })
