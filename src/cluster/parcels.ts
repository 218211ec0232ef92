import * as z from 'zod/mini'

/** Parts that a text may come in, and texts that may be incomplete at once: some 6 MiB of a bus that carries 8,000 bytes. */
const MAX_PARTS = 256
const MAX_INCOMPLETE = 64

/** More than what stands around the text of a part takes. */
const ENVELOPE_BYTES = 120

/** A part of a text that is too large for the bus. */
export const Part = z.object({
  id: z.string().check(z.maxLength(64)),
  part: z.int().check(z.minimum(0)),
  parts: z.int().check(z.minimum(1), z.maximum(MAX_PARTS)),
  /** Base64. */
  data: z.string(),
})
export type Part = z.infer<typeof Part>

/** Cuts a text into parts whose JSON is at most so long, in bytes; none where there would be too many. */
export function inParts(id: string, text: string, maxBytes: number): Part[] {
  const bytes = Buffer.from(text)
  const size = Math.floor(((maxBytes - ENVELOPE_BYTES) * 3) / 4)
  if (size < 1) return []
  const parts = Math.ceil(bytes.length / size)
  if (parts > MAX_PARTS) return []
  return Array.from({ length: parts }, (_, part) => ({
    id,
    part,
    parts,
    data: bytes.toString('base64', part * size, (part + 1) * size),
  }))
}

/** Puts texts together again; of those that stay incomplete the oldest give way. */
export class Parcels {
  readonly #incomplete = new Map<string, (string | undefined)[]>()

  /** The whole text, with its last part. */
  take({ id, part, parts, data }: Part): string | undefined {
    const found = this.#incomplete.get(id) ?? Array.from<string | undefined>({ length: parts })
    if (part >= found.length || found.length !== parts) return undefined
    found[part] = data
    const pieces = found.filter((piece) => piece !== undefined)
    if (pieces.length === parts) {
      this.#incomplete.delete(id)
      return Buffer.concat(pieces.map((piece) => Buffer.from(piece, 'base64'))).toString()
    }
    this.#incomplete.set(id, found)
    if (this.#incomplete.size > MAX_INCOMPLETE) this.#forgetOldest()
    return undefined
  }

  #forgetOldest(): void {
    for (const id of this.#incomplete.keys()) {
      this.#incomplete.delete(id)
      return
    }
  }
}
