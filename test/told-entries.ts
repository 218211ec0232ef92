import { changeFrame } from '../src/inbox/stores/change-frame.js'
import { FrameArrayBuilder, framesIn, type FrameArray } from '../src/inbox/stores/frame-array.js'
import type { Change, ChangesPage } from '../src/inbox/store.js'
import { Down } from '../src/protocol/down/index.js'

/** An entry as a frame tells of it: that of a state doesn't say where its content arrived. */
export type Told =
  Exclude<Change, { kind: 'state' }> | Omit<Extract<Change, { kind: 'state' }>, 'arrivedSeq'>

/** What a page of changes tells, read back from its frames. */
export function entriesIn({ arrays }: Pick<ChangesPage, 'arrays'>): Told[] {
  return textsIn(arrays).map(entryIn)
}

/** The frames themselves. */
export function textsIn(arrays: readonly FrameArray[]): string[] {
  return arrays.flatMap((array) =>
    framesIn(array).map((frame) => new TextDecoder('utf8', { fatal: true }).decode(frame)),
  )
}

/** The arrays in which a store tells of entries that stand up to a `seq` as replayed, and of others with the counts. */
export function toArrays(
  changes: readonly Change[],
  replayedTo: number,
  counts: { unread: number; unseen: number },
): FrameArray[] {
  const replayed = changes.filter(({ seq }) => seq <= replayedTo)
  const live = changes.filter(({ seq }) => seq > replayedTo)
  return [
    ...joined(replayed.map((change) => [change.seq, changeFrame(change, 'replayed')])),
    ...joined(live.map((change) => [change.seq, changeFrame(change, counts)])),
  ]
}

function joined(frames: readonly [seq: number, frame: string][]): FrameArray[] {
  const builder = new FrameArrayBuilder()
  const rest = frames.findIndex(([seq, frame]) => !builder.add(seq, frame))
  if (frames.length === 0) return []
  return [builder.build(), ...(rest === -1 ? [] : joined(frames.slice(rest)))]
}

function entryIn(text: string): Told {
  const { type, payload } = Down.parse(JSON.parse(text))
  switch (type) {
    case 'notification': {
      const { seq, arrivedSeq, seenAt, readAt, archivedAt } = payload.notification
      const state = { seq, arrivedSeq, ...timesOf({ seenAt, readAt, archivedAt }) }
      return { kind: 'whole', ...state, contentJson: contentIn(text) }
    }
    case 'updated': {
      const { seq, id, ...state } = payload
      return { kind: 'state', id, seq, ...timesOf(state) }
    }
    case 'removed': {
      const { seq, id, collapseKey = null, reason } = payload
      return { kind: 'removed', seq, id, collapseKey, reason }
    }
    default:
      throw new Error(`a page tells ${text}`)
  }
}

/** The content stands behind the state, as it was stored. */
function contentIn(text: string): string {
  const content = /"archivedAt":(?:null|"[^"]*"),(.*),"replayed":/s.exec(text)?.[1]
  if (content === undefined) throw new Error(`there is no content in ${text}`)
  return `{${content}`
}

type Times<Time> = Record<'seenAt' | 'readAt' | 'archivedAt', Time | null>

function timesOf({ seenAt, readAt, archivedAt }: Times<string>): Times<number> {
  return { seenAt: timeOf(seenAt), readAt: timeOf(readAt), archivedAt: timeOf(archivedAt) }
}

function timeOf(text: string | null): number | null {
  return text === null ? null : Date.parse(text)
}
