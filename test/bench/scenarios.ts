import { accept } from './accept.js'
import { batch } from './batch.js'
import { fanOut } from './fan-out.js'
import { growth } from './growth.js'
import { hostile } from './hostile.js'
import { latency } from './latency.js'
import { live } from './live.js'
import { memory } from './memory.js'
import { replayDeep } from './replay-deep.js'
import { replay } from './replay.js'
import { nodes } from './nodes.js'
import type { ScenarioContext, ScenarioResult } from './rounds.js'
import { slowDisk } from './slow-disk.js'
import { storm } from './storm.js'
import { topic } from './topic.js'

type Scenario = (context: ScenarioContext) => Promise<ScenarioResult | ScenarioResult[]>

/** What can be measured, in the order in which it is. */
export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  accept,
  batch,
  live,
  latency,
  topic,
  'fan-out': fanOut,
  replay,
  'replay-deep': replayDeep,
  storm,
  memory,
  growth,
  'slow-disk': slowDisk,
  hostile,
  nodes,
}

/** What takes long and has no goal of speed, or needs PostgreSQL. */
export const BY_NAME_ALONE: ReadonlySet<string> = new Set(['hostile', 'nodes'])
