// Loaded into the service before its program (`--import`), in each of its threads. On SIGUSR2 every thread collects its
// garbage; the log then tells how much of their heaps is room: resident, with nothing in it.
import { writeSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { createContext, Script } from 'node:vm'
import { BroadcastChannel, isMainThread } from 'node:worker_threads'

// For all threads, and in this way since NODE_OPTIONS takes no `--expose-gc`. Contexts that are made from now on have `gc`.
if (isMainThread) setFlagsFromString('--expose-gc')
const withCollector = createContext()
const collection = new Script('gc()')

/** Collects this thread's garbage and answers with the room in its heap, in bytes. */
async function room() {
  collection.runInContext(withCollector)
  // Pages are swept beside the program, and what finalizers let go of is left to a second collection.
  await sleep(100)
  collection.runInContext(withCollector)
  const { total_physical_size, used_heap_size } = getHeapStatistics()
  return total_physical_size - used_heap_size
}

// The threads talk over a channel of their own: the program's ports are the program's.
const channel = new BroadcastChannel('collector')

if (isMainThread) {
  let workers = 0
  process.on('worker', () => workers++)
  let [answers, sum] = [0, 0]
  const take = (bytes) => {
    answers++
    sum += Number(bytes)
    if (answers <= workers) return
    writeSync(1, `${JSON.stringify({ level: 'info', msg: 'collected', room: sum })}\n`)
    ;[answers, sum] = [0, 0]
  }
  channel.addEventListener('message', ({ data }) => take(data))
  process.on('SIGUSR2', () => {
    channel.postMessage('collect')
    void room().then(take)
  })
} else {
  channel.addEventListener('message', ({ data }) => {
    // The other workers' answers come as well.
    if (data === 'collect') void room().then((bytes) => channel.postMessage(bytes))
  })
}
channel.unref()
