import type { RuleRow } from './row.js'

const SOCKET = 'socket/removals.test.ts'
const HTTP = 'http/endings.test.ts'

/** How entries end, give way and arrive later. */
export const LIFETIME_RULES: RuleRow[] = [
  {
    rule: 'R1',
    says: '`ttl`',
    tests: [
      [
        SOCKET,
        'what has expired goes from a device that is there, and is never sent to one that comes later',
      ],
      [HTTP, 'what has expired is told as such, before the sweep and after it'],
    ],
  },
  {
    rule: 'R2',
    says: '`collapseKey`',
    tests: [
      [
        SOCKET,
        'a newer one takes the place of an older one of its key: who was away is sent it alone',
      ],
      [HTTP, 'what is replaced is told as such, and the newer one stands in its place'],
    ],
  },
  {
    rule: 'R3',
    says: 'which one is newer',
    tests: [
      [HTTP, 'what was scheduled is as new as its arrival: it replaces what came before that'],
    ],
  },
  {
    rule: 'R4',
    says: '`deliverAt`',
    tests: [
      [SOCKET, 'what is to arrive later arrives when its time has come, and lives from then on'],
      [
        HTTP,
        'a send that arrives at once is answered 201, and one for later 202',
        'what is due while the service is down arrives when it is up again',
      ],
    ],
  },
  {
    rule: 'R5',
    says: 'recall',
    tests: [
      [
        SOCKET,
        'what is recalled goes from a device that is there, with the counts as of then',
        'what was recalled meanwhile a device drops when it comes back, whether it had it or not',
        'what is to arrive later arrives when its time has come, and lives from then on',
      ],
      [
        HTTP,
        'is for the service that sent it: to another it is answered as what does not exist',
        '`changes` tells of what was taken out by `removed`, as the socket does',
      ],
    ],
  },
  {
    rule: 'R6',
    says: '`removed` names the key',
    tests: [
      [SOCKET, 'the removal of one that had replaced another names its key, so that neither stays'],
      [
        'protocol/down/removed.test.ts',
        'writes what was taken out by the schema of what the server says (%j)',
      ],
    ],
  },
  {
    rule: 'R7',
    says: 'retention: `gap`',
    tests: [
      [
        SOCKET,
        'what retention has removed is told by a gap to who missed it, and by the counts to who had it',
      ],
      [HTTP, '`changes` begins with a gap where retention has removed what came next'],
    ],
  },
  {
    rule: 'R8',
    says: 'retention: `counts`',
    tests: [
      [
        SOCKET,
        'what retention has removed is told by a gap to who missed it, and by the counts to who had it',
      ],
    ],
  },
  {
    rule: 'R9',
    says: 'deliveries tell how it ended',
    tests: [
      [
        HTTP,
        'takes the notification out of each inbox, and tells the same when it is asked again',
        'what has expired is told as such, before the sweep and after it',
        'what is replaced is told as such, and the newer one stands in its place',
        'what retention has removed is told as removed',
      ],
    ],
  },
]
