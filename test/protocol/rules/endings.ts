import type { RuleRow } from './row.js'

const BAD: RuleRow['tests'][number] = [
  'socket/bad-input.test.ts',
  '%s: the connection hears what is wrong, and goes on',
]
const CLOSES: RuleRow['tests'][number] = [
  'socket/close-codes.test.ts',
  '$code $error, after an error that says so, when $when',
]

/** What goes wrong, and how a connection ends. */
export const ENDING_RULES: RuleRow[] = [
  { rule: 'B1', says: '`malformed_message`', tests: [BAD] },
  {
    rule: 'B2',
    says: '`invalid_message`',
    tests: [
      BAD,
      ['socket/bad-input.test.ts', 'names each thing that is wrong with a shape by a pointer'],
    ],
  },
  { rule: 'B3', says: '`unknown_type`', tests: [BAD] },
  { rule: 'B4', says: 'the id is kept, the connection goes on', tests: [BAD] },
  {
    rule: 'B5',
    says: 'ten within a minute: 4400',
    tests: [
      [
        'socket/bad-input.test.ts',
        'goes on after nine within a minute, and closes 4400 at the tenth',
        'counts them from the first frame on, before it knows who is calling',
        'does not count what was refused for its sense',
      ],
      [
        'socket/session-commands.test.ts',
        'goes on after bad input, and closes 4400 at the tenth within a minute',
      ],
    ],
  },
  {
    rule: 'B6',
    says: 'unknown fields pass',
    tests: [['socket/bad-input.test.ts', 'passes over fields that it does not know']],
  },
  {
    rule: 'B7',
    says: 'binary: 1003',
    tests: [['socket/bad-input.test.ts', 'a binary frame closes 1003, whatever it holds: %j']],
  },
  {
    rule: 'B8',
    says: '16 KiB: 1009',
    tests: [
      [
        'socket/bad-input.test.ts',
        'exactly is taken',
        'and one byte closes 1009',
        'is counted in bytes, not characters',
        'is counted over all fragments of a message',
        'in fragments is taken as one',
      ],
    ],
  },
  {
    rule: 'B9',
    says: 'no UTF-8: 1007; no frame: 1002',
    tests: [
      [
        'socket/bad-input.test.ts',
        'text that is no UTF-8 closes 1007 (RFC 6455 §8.1)',
        'a frame without a mask closes 1002 (RFC 6455 §5.1)',
      ],
    ],
  },
  {
    rule: 'B10',
    says: '50 commands a second; 4429',
    tests: [
      [
        'socket/command-rate.test.ts',
        'answers fifty commands a second, refuses one more by its id, and goes on in the next',
        'does not count acknowledgements',
        'closes 4429 where it goes on: at the 51st that is refused within a minute',
      ],
    ],
  },
  { rule: 'X1', says: 'an `error` before the close', tests: [CLOSES] },
  {
    rule: 'X2',
    says: 'nothing after the close',
    tests: [
      [
        'socket/close-codes.test.ts',
        'sends nothing after the close, and takes nothing that comes after it',
      ],
    ],
  },
  {
    rule: 'X3',
    says: 'the service goes on',
    // Each is followed by a look at who is there and who comes.
    tests: [CLOSES],
  },
  {
    rule: 'X4',
    says: '1000, 1001',
    tests: [['socket/close-codes.test.ts', 'gives %i back to a client that says goodbye with it']],
  },
  {
    rule: 'X5',
    says: '1002, 1003, 1007, 1009, 4400',
    tests: [
      CLOSES,
      ['socket/close-codes.test.ts', '%i, by the WebSocket itself and without a message, when %s'],
    ],
  },
  {
    rule: 'X6',
    says: '1011',
    tests: [
      [
        'socket/server-faults.test.ts',
        'closes 1011 where the store fails, without a word of the cause, and goes on when it is mended',
      ],
    ],
  },
  {
    rule: 'X7',
    says: '1012',
    tests: [
      [
        'socket/server-faults.test.ts',
        'closes 1012 when it stops, whatever state a connection is in, and has everything when it is back',
      ],
      ['service/stop.test.ts', 'answers what is under way on %s, closes sockets 1012 and exits 0'],
    ],
  },
  {
    rule: 'X8',
    says: '1013',
    tests: [
      [
        'socket/server-faults.test.ts',
        'closes 1013 while the store can not write, and goes on when it can',
      ],
    ],
  },
  { rule: 'X9', says: '4401', tests: [CLOSES] },
  { rule: 'X10', says: '4403', tests: [CLOSES] },
  {
    rule: 'X11',
    says: '4408',
    tests: [
      [
        'socket/credentials.test.ts',
        'ends a connection whose first message brings no token in time with 4408',
      ],
      [
        'socket/slow-clients.test.ts',
        'closes 4408 a window that stays full, and sends the same again on the next connection',
        'closes 4408 a peer that answers no ping, and keeps one that gives any sign of life',
        'closes 4408 a client that asks much and reads nothing: more than 1 MiB waits for it',
      ],
    ],
  },
  { rule: 'X12', says: '4429', tests: [CLOSES] },
]
