import type { FetchImplementation } from 'jose'
import { usableKeys } from './keys.js'

/** Largest set of keys that is read: 256 KiB. */
const MAX_BYTES = 256 * 1024

/**
 * Fetches a JWKS for jose, and hands on what can be used of it. It comes from outside, so it is bounded and parsed
 * before anything else reads it.
 * @throws Error with what is wrong with the answer
 */
export const fetchKeys: FetchImplementation = async (url, request) => {
  const response = await fetch(url, request)
  if (response.status !== 200) {
    await response.body?.cancel()
    // A redirect is none: whoever names the keys' place names the right one.
    throw new Error(`the answer was ${response.status}, not 200`)
  }
  return Response.json({ keys: usableKeys(await readText(response)) })
}

async function readText(response: Response): Promise<string> {
  const body: ReadableStream<Uint8Array> | null = response.body
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body ?? []) {
    bytes += chunk.byteLength
    if (bytes > MAX_BYTES) throw new Error(`the answer has more than ${MAX_BYTES} bytes`)
    chunks.push(chunk)
  }
  // Passes over a byte order mark, which JSON has none of.
  return new TextDecoder().decode(Buffer.concat(chunks))
}
