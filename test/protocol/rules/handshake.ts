import type { RuleRow } from './row.js'
import { FORGED } from './tokens.js'

/** How a connection is made: credentials, origin, device. */
export const HANDSHAKE_RULES: RuleRow[] = [
  {
    rule: 'C1',
    says: 'the Authorization header',
    tests: [['socket/credentials.test.ts', 'takes a token by %s, and names our subprotocol alone']],
  },
  {
    rule: 'C2',
    says: 'a bad header: 401 and a challenge',
    tests: [
      ['socket/credentials.test.ts', 'refuses the header %s with 401 and a challenge'],
      FORGED,
    ],
  },
  {
    rule: 'C3',
    says: 'the subprotocol entry; posthorn.v1 alone comes back',
    tests: [
      [
        'socket/credentials.test.ts',
        'takes a token by %s, and names our subprotocol alone',
        'takes the entries of the subprotocol in any order',
      ],
    ],
  },
  {
    rule: 'C4',
    says: 'a bad entry: handshake, error, 4401',
    tests: [
      [
        'socket/credentials.test.ts',
        'tells of a bad subprotocol token after the handshake, by an error and 4401',
      ],
      FORGED,
    ],
  },
  {
    rule: 'C5',
    says: 'a first message within 5 s',
    tests: [
      [
        'socket/credentials.test.ts',
        'ends a connection whose first message brings no token in time with 4408',
        'answers the id of a first message after the welcome',
      ],
      ['socket/session-commands.test.ts', 'closes 4408 when no token comes within five seconds'],
    ],
  },
  {
    rule: 'C6',
    says: 'a bad first message, or another: 4401',
    tests: [
      [
        'socket/credentials.test.ts',
        'tells of a bad first message by an error with its id and 4401',
        'asks for a token where the first message is %j: 4401',
      ],
    ],
  },
  {
    rule: 'C7',
    says: 'ALLOW_QUERY_TOKEN',
    tests: [
      [
        'socket/credentials.test.ts',
        'is not taken unless that is allowed, and not sent back',
        'is taken where ALLOW_QUERY_TOKEN is true, and refused by the same rules',
      ],
    ],
  },
  {
    rule: 'C8',
    says: 'one way only',
    tests: [
      [
        'socket/credentials.test.ts',
        'takes the token in one way only',
        'tells a page that sends two tokens after the handshake: an error and 4400',
      ],
    ],
  },
  {
    rule: 'C9',
    says: 'subprotocols: none, ours among others, others only',
    tests: [
      [
        'socket/handshake.test.ts',
        'takes a client that offers no subprotocol',
        'finds our subprotocol among others, wherever it stands',
        'refuses a client that offers other subprotocols only: %s',
      ],
    ],
  },
  {
    rule: 'C10',
    says: 'after the handshake: the same code, then 4400, 4401, 4403',
    tests: [
      [
        'socket/handshake.test.ts',
        'tells a page after the handshake what is wrong with %j: an error and 4400',
      ],
      ['socket/close-codes.test.ts', '$code $error, after an error that says so, when $when'],
    ],
  },
  {
    rule: 'O1',
    says: 'PUBLIC_URL and ALLOWED_ORIGINS, else 403',
    tests: [
      [
        'socket/origin.test.ts',
        'lets pages of %s connect',
        'refuses pages of %j',
        'refuses the loopback origin outside development',
        'looks at the origin before the token, however the token comes',
      ],
    ],
  },
  {
    rule: 'O2',
    says: 'no Origin is no browser',
    tests: [['socket/origin.test.ts', 'lets whoever sends no origin connect, who is no browser']],
  },
  {
    rule: 'O3',
    says: 'the loopback origin in development',
    tests: [
      [
        'socket/origin.test.ts',
        'the loopback origin, under each of its names, is let in, and no other',
      ],
    ],
  },
  {
    rule: 'D1',
    says: 'by query or claim',
    tests: [
      [
        'socket/device.test.ts',
        'is the one that the query names (token by %s)',
        'is the one that the token names (token by %s)',
      ],
    ],
  },
  {
    rule: 'D2',
    says: 'neither: 400, 4400',
    tests: [
      [
        'socket/device.test.ts',
        'the header is answered 400 device_required',
        '%s hears device_required and 4400',
      ],
    ],
  },
  {
    rule: 'D3',
    says: 'another than the claim: 403, 4403',
    tests: [
      [
        'socket/device.test.ts',
        'the header is answered 403 device_not_allowed',
        '%s hears device_not_allowed and 4403',
      ],
    ],
  },
  {
    rule: 'D4',
    says: 'its form',
    tests: [
      ['socket/device.test.ts', 'is not %j: 400 over the header'],
      ['protocol/identifiers.test.ts', 'may be %j'],
    ],
  },
]
