/** Users are spread over so many buckets, in every version and on every node alike. */
export const BUCKETS = 65_536

const OFFSET = 0x81_1c_9d_c5
const PRIME = 0x01_00_01_93

/** The bucket of a user, 0 to 65,535: FNV-1a (draft-eastlake-fnv) of its UTF-16 code units, folded to 16 bits. */
export function bucketOf(user: string): number {
  let hash = OFFSET
  for (let at = 0; at < user.length; at++) {
    hash = Math.imul(hash ^ user.charCodeAt(at), PRIME)
  }
  return (hash ^ (hash >>> 16)) & (BUCKETS - 1)
}
