import { join } from 'node:path'
import * as z from 'zod/mini'
import { InboxChanges, InboxCounts } from '../../../src/protocol/inbox.js'
import { DeviceList } from '../../../src/protocol/devices.js'
import type { Mark, MarkResult } from '../../../src/protocol/mark.js'
import type { SendReceipt } from '../../../src/protocol/send.js'
import { temporaryFolder, tokenFor, type Api } from '../../harness.js'
import { ServiceProcess, type RunningService } from '../../process.js'
import { Doorway } from '../doorway.js'
import { Storm, type Accepted } from './storm.js'

/** An entry of a user's log as it stands at the end: what a device that had heard of everything would know. */
export interface LogEntry {
  seq: number
  id: string
  isRemoved: boolean
  collapseKey: string | null
  readAt: string | null
  archivedAt: string | null
}

/** What goes on in Node around a test of the client, which may run in a page: all that is given and taken goes through JSON. */
export interface Backstage {
  /** Starts a service in a process of its own, behind a doorway; pages of this origin may use it. */
  open(origin: string | null): Promise<{ stage: string; url: string; folder: string }>
  close(stage: string): Promise<void>
  /** Ends it as its operator does. */
  stop(stage: string): Promise<void>
  /** Ends it as a crash does; resolves when nothing is posted any more, with all that was accepted. */
  kill(stage: string): Promise<Accepted>
  /** Starts it again, over the same database. */
  start(stage: string): Promise<void>
  token(subject: string, claims: Record<string, unknown>, ttlSeconds: number): Promise<string>
  /** Sends so many, titled by their number from `from` on. */
  send(stage: string, user: string, count: number, from: number): Promise<SendReceipt[]>
  mark(stage: string, user: string, mark: Mark): Promise<MarkResult>
  /** Resolves when the service has the device's cursor there, on disk. */
  cursorAt(stage: string, user: string, device: string, seq: number): Promise<void>
  /** Sends to a user, and marks and recalls, without a pause, until the service is killed. */
  storm(stage: string, user: string): Promise<void>
  log(stage: string, user: string): Promise<LogEntry[]>
}

type Change = z.infer<typeof InboxChanges>['events'][number]

interface Scene {
  folder: ReturnType<typeof temporaryFolder>
  environment: Record<string, string>
  doorway: Doorway
  service: RunningService
  storm: Storm
}

const scenes = new Map<string, Scene>()

// A test that did not end in time leaves no process behind.
process.once('exit', () => {
  for (const { service } of scenes.values()) service.signal('SIGKILL')
})

export const backstage: Backstage = {
  async open(origin) {
    const folder = temporaryFolder()
    // Room for whatever a storm stores, also where it lasts long: what retention took would be missing from the log.
    const environment = {
      ...(origin !== null && { ALLOWED_ORIGINS: origin }),
      INBOX_LIMIT: '100000',
      LOG_LEVEL: 'info',
    }
    const service = await ServiceProcess.start(databaseIn(folder.path), environment)
    const doorway = await Doorway.open(service.api.url)
    const { url } = doorway
    scenes.set(url, { folder, environment, doorway, service, storm: new Storm() })
    return { stage: url, url, folder: folder.path }
  },
  async close(stage) {
    const { service, doorway, folder } = sceneOf(stage)
    scenes.delete(stage)
    await service[Symbol.asyncDispose]()
    await doorway[Symbol.asyncDispose]()
    folder[Symbol.dispose]()
  },
  async stop(stage) {
    const { service } = sceneOf(stage)
    service.signal('SIGTERM')
    await service.exited
  },
  async kill(stage) {
    const { service, storm } = sceneOf(stage)
    await service.kill()
    return storm.ended()
  },
  async start(stage) {
    const scene = sceneOf(stage)
    const { folder, environment, doorway } = scene
    scene.service = await ServiceProcess.start(databaseIn(folder.path), environment)
    doorway.leadTo(scene.service.api.url)
  },
  token: (subject, claims, ttlSeconds) => tokenFor(subject, claims, { ttlSeconds }),
  send: (stage, user, count, from) => apiOf(stage).sendMany(user, count, from),
  mark: (stage, user, mark) => apiOf(stage).mark(user, mark),
  async cursorAt(stage, user, device, seq) {
    const token = await tokenFor(user)
    for (;;) {
      const response = await apiOf(stage).request('/v1/devices', { token })
      const { items } = DeviceList.parse(await response.json())
      if (items.some((item) => item.device === device && item.cursor === seq)) return
    }
  },
  storm(stage, user) {
    const { service, storm } = sceneOf(stage)
    return storm.begin(service.api, user)
  },
  async log(stage, user) {
    const api = apiOf(stage)
    const token = await tokenFor(user)
    const counts = await api.request('/v1/inbox/counts', { token })
    const { epoch } = InboxCounts.parse(await counts.json())
    const entries: LogEntry[] = []
    for (let after = 0, isAll = false; !isAll;) {
      const query = new URLSearchParams({ after: String(after), epoch, limit: '100' })
      const response = await api.request(`/v1/inbox/changes?${String(query)}`, { token })
      const page = InboxChanges.parse(await response.json())
      for (const event of page.events) entries.push(entryOf(event))
      after = page.next
      isAll = page.caughtUp
    }
    return entries
  },
}

function databaseIn(folder: string): string {
  return join(folder, 'posthorn.db')
}

function sceneOf(stage: string): Scene {
  const scene = scenes.get(stage)
  if (!scene) throw new Error('this stage is closed')
  return scene
}

function apiOf(stage: string): Api {
  return sceneOf(stage).service.api
}

function entryOf({ type, payload }: Change): LogEntry {
  switch (type) {
    case 'notification': {
      const { id, collapseKey, readAt, archivedAt } = payload.notification
      return { seq: payload.seq, id, isRemoved: false, collapseKey, readAt, archivedAt }
    }
    case 'removed': {
      const { seq, id, collapseKey = null } = payload
      return { seq, id, isRemoved: true, collapseKey, readAt: null, archivedAt: null }
    }
    case 'updated':
    case 'gap':
      throw new Error(`the whole log holds no ${type}`)
  }
}
