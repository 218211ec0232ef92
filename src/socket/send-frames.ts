import { framesIn, type FrameArray } from '../inbox/stores/frame-array.js'
import type { SocketLike } from './socket-like.js'

/**
 * Sends frames one by one or, to clients that asked for it, as the array that they are. Each is begun only where the socket
 * has room for it; gives how many were sent.
 */
export function sendFrames(
  socket: SocketLike,
  array: FrameArray,
  { asArray, hasRoom }: { asArray: boolean; hasRoom: () => boolean },
): number {
  const { length } = array.seqs
  // One alone goes out as it is.
  if (!asArray || length === 1) return sendEach(socket, framesIn(array), hasRoom)
  if (!hasRoom()) return 0
  socket.sendText(array.bytes)
  return length
}

function sendEach(
  socket: SocketLike,
  frames: readonly Uint8Array[],
  hasRoom: () => boolean,
): number {
  let sent = 0
  socket.hold()
  for (const frame of frames) {
    if (!hasRoom()) break
    socket.sendText(frame)
    sent += 1
  }
  socket.flush()
  return sent
}
