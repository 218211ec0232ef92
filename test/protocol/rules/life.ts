import type { RuleRow } from './row.js'

/** How a connection lives: flow and liveness. */
export const LIFE_RULES: RuleRow[] = [
  {
    rule: 'W1',
    says: 'the window',
    tests: [
      [
        'service/replay.test.ts',
        'sends at most maxUnacked entries, and the rest as they are acknowledged',
      ],
    ],
  },
  {
    rule: 'W2',
    says: 'the high-water mark',
    tests: [
      [
        'socket/session-reading.test.ts',
        'hands no entry to a socket above the high-water mark, and goes on when it has drained',
      ],
      [
        'service/slow-reader.test.ts',
        'goes on by itself when a reader that had paused reads again, without an acknowledgement',
      ],
    ],
  },
  {
    rule: 'W3',
    says: 'nothing is dropped, memory is bounded',
    tests: [
      [
        'service/slow-reader.test.ts',
        'a reader that stops reading costs bounded memory, holds nobody up, and has everything when it is back',
      ],
    ],
  },
  {
    rule: 'W4',
    says: 'a full window: 4408',
    tests: [
      [
        'socket/slow-clients.test.ts',
        'closes 4408 a window that stays full, and sends the same again on the next connection',
      ],
      [
        'socket/session-reading.test.ts',
        'closes 4408 when the window stays full for a minute, not before',
      ],
    ],
  },
  {
    rule: 'W5',
    says: 'a full buffer: 4408',
    tests: [
      [
        'socket/slow-clients.test.ts',
        'closes 4408 a client that asks much and reads nothing: more than 1 MiB waits for it',
      ],
      ['socket/session-commands.test.ts', 'closes 4408 when more than 1 MiB is buffered'],
    ],
  },
  {
    rule: 'L1',
    says: 'the heartbeat',
    tests: [
      [
        'socket/slow-clients.test.ts',
        'closes 4408 a peer that answers no ping, and keeps one that gives any sign of life',
      ],
      [
        'socket/session-commands.test.ts',
        'pings at each heartbeat and closes 4408 after ten seconds without a sign of life',
      ],
    ],
  },
  {
    rule: 'L2',
    says: 'before a token, and whatever the clock does',
    tests: [
      [
        'socket/slow-clients.test.ts',
        'closes 4408 a peer that answers no ping before it has shown a token',
      ],
      [
        'socket/clock.test.ts',
        'keeps its heartbeat and finds the dead though the clock jumps by %i ms',
      ],
    ],
  },
  {
    rule: 'L3',
    says: 'idle',
    tests: [
      [
        'socket/slow-clients.test.ts',
        'closes 4408 a client that says nothing for IDLE_TIMEOUT_MS, though it answers pings, and keeps one that speaks',
      ],
      [
        'socket/session-commands.test.ts',
        'closes 4408 at the end of the idle time, by messages alone',
      ],
    ],
  },
]
