import { randomBytes } from 'node:crypto'
import { Child } from './child.js'
import { Listening, Ready, type LoadOptions } from './messages.js'
import { measureRounds, type Rounds, type ScenarioContext } from './rounds.js'
import { startService, type TemporaryFolder } from './service-process.js'

export interface Setup {
  /** The files of this folder that serve the floor and drive the load. */
  floorFile: string
  loadFile: string
  users: number
  /** Keep-alive connections that POST, each one request at a time. */
  connections: number
}

/**
 * Measures the built service and its floor on this machine at one time: two servers and a load for each, four
 * processes, of which one pair works at a time. When it resolves, all have ended and the database is whole.
 */
export async function measureAgainstFloor(
  { floorFile, loadFile, users, connections }: Setup,
  folder: TemporaryFolder,
  context: ScenarioContext,
): Promise<Rounds> {
  const secret = randomBytes(32).toString('base64url')
  const { child, url } = await startService(folder, secret)
  await using service = child
  await using floor = Child.fork(floorFile, { secret })
  const { url: floorUrl } = await floor.next(Listening)
  // Declared after the servers, so that the loads end first and no server sees to sockets that stay open.
  const options = { secret, users, connections }
  await using load = await startLoad(loadFile, { ...options, url })
  await using floorLoad = await startLoad(loadFile, { ...options, url: floorUrl })
  return await measureRounds(
    { service: { server: service, load }, floor: { server: floor, load: floorLoad } },
    context,
    folder.path,
  )
}

async function startLoad(file: string, options: LoadOptions): Promise<Child> {
  const load = Child.fork(file, options)
  await load.next(Ready)
  return load
}
