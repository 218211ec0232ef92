import { readArgument, serveRuns } from '../child-side.js'
import { AttackOptions, type Attack } from '../messages.js'
import { hostileToken } from '../tokens.js'
import { HostileUser } from './hostile-user.js'

// One user with a valid token who means harm.

const options = AttackOptions.parse(readArgument())
const user = new HostileUser(options.url, await hostileToken(options.secret, options.user))

/** What goes on at once: as many connections as one user may have. */
const SOCKETS = 20
const REQUESTS = 16

const ATTACKS: Readonly<Record<Attack, (isOver: () => boolean) => Promise<unknown>>> = {
  connections: (isOver) => together(REQUESTS, isOver, () => user.visit('phone')),
  // Each new device acknowledges all that there is, so that a delivery is recorded for each entry, and pushes another one out.
  devices: (isOver) => together(REQUESTS, isOver, () => user.visitAsNewDevice()),
  topics: (isOver) =>
    user.flood(SOCKETS, isOver, (number) => {
      return {
        type: number % 3 === 2 ? 'unsubscribe' : 'subscribe',
        payload: { topic: `t${number}` },
      }
    }),
  'marks of 500': async (isOver) => {
    const ids = (await user.ids()).slice(0, 500)
    await user.flood(SOCKETS, isOver, (number) => {
      // An id takes some forty bytes, and a frame holds 16 KiB.
      return {
        type: 'mark',
        payload: { action: number % 2 ? 'read' : 'unread', ids: ids.slice(0, 380) },
      }
    })
  },
  'bulk marks': (isOver) =>
    user.flood(SOCKETS, isOver, (number) => {
      const action = number % 2 ? 'read' : 'unread'
      return { type: 'mark', payload: { action, upTo: 1_000_000_000 } }
    }),
  lists: (isOver) =>
    together(REQUESTS, isOver, (number) =>
      user.get(number % 2 ? '/v1/inbox?filter=all&limit=100' : user.changesPath(0)),
    ),
  commands: (isOver) => user.flood(SOCKETS, isOver, () => ({ type: 'ping', payload: {} })),
  'slow readers': (isOver) => user.readNothing(SOCKETS, isOver),
  'huge cursors': (isOver) =>
    together(REQUESTS, isOver, (number) =>
      number % 2
        ? user.get(user.changesPath(Number.MAX_SAFE_INTEGER))
        : user.visit('phone', Number.MAX_SAFE_INTEGER),
    ),
}

/** Does something again and again, so many times at once. */
async function together(
  times: number,
  isOver: () => boolean,
  act: (number: number) => Promise<void>,
): Promise<void> {
  let number = 0
  await Promise.all(
    Array.from({ length: times }, async () => {
      while (!isOver()) await act(++number)
    }),
  )
}

await user.visit('phone')
serveRuns(async (milliseconds) => {
  const end = performance.now() + milliseconds
  user.forgetCounts()
  await ATTACKS[options.attack](() => performance.now() > end)
  return { kind: 'attacked', done: user.done, refused: user.refused }
})
