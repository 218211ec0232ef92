import type { RuleRow } from './row.js'

const REQUESTS = 'http/rate-limits.test.ts'
const SOCKETS = 'socket/upgrade-limits.test.ts'

/** How much of what is too much. */
export const AMOUNT_RULES: RuleRow[] = [
  {
    rule: 'A1',
    says: 'too many upgrades: 429',
    tests: [
      [
        SOCKETS,
        'an address may open so many sockets, and hears before the handshake that it is one too many',
      ],
    ],
  },
  {
    rule: 'A2',
    says: 'too many refused tokens: 429, 4429',
    tests: [
      [REQUESTS, 'an address of which too many tokens were refused is told when to come again'],
      [
        SOCKETS,
        'a bad token counts for its address, whichever way it comes over a socket',
        'a token that takes the place of another counts too',
      ],
      [
        'auth/failed-attempts.test.ts',
        'looks at no signature from an address of which too many tokens were refused',
        'lets pass a token that is remembered, from wherever it comes',
        'counts a token that has expired for a tenth',
      ],
    ],
  },
  {
    rule: 'A3',
    says: 'too many requests of a user: 429, 4429',
    tests: [
      [REQUESTS, 'a user has so many requests, whichever of its tokens they come by'],
      [SOCKETS, 'a user opens no more sockets than it may make requests'],
    ],
  },
  {
    rule: 'A4',
    says: 'requests of a service, told by RateLimit',
    tests: [
      [
        REQUESTS,
        'a service is told of its limit with each answer, and of nothing where there is none',
        'each item of a batch is a request, and a batch is taken whole or not at all',
      ],
    ],
  },
  {
    rule: 'A5',
    says: 'too many sockets: 503, 1013',
    tests: [[SOCKETS, 'of one socket more than there may be, the last is told, as it can hear it']],
  },
  {
    rule: 'A6',
    says: 'too many without a token: the oldest, 1013',
    tests: [
      [SOCKETS, 'of connections that bring no token the oldest goes, of the same address first'],
    ],
  },
  {
    rule: 'A7',
    says: 'too late: 408',
    tests: [
      [
        'http/time-outs.test.ts',
        'a request that %s is answered 408, and its connection ends',
        'a body that never comes to its end is answered 408',
      ],
    ],
  },
]
