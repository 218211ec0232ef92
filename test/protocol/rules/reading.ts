import type { RuleRow } from './row.js'

/** How the log is read: the model, and where a connection starts. */
export const READING_RULES: RuleRow[] = [
  {
    rule: 'M1',
    says: '`seq` only grows, per user',
    tests: [
      [
        'service/live.test.ts',
        'each device of a user gets each notification once, live, in order, and other users get none',
      ],
    ],
  },
  {
    rule: 'M2',
    says: 'a cursor for each device, which never moves back',
    tests: [
      [
        'service/acknowledgement.test.ts',
        'never moves a cursor back',
        'keeps an acknowledgement of one device from changing another',
      ],
      [
        'socket/start-position.test.ts',
        'a device starts at its stored cursor, whichever others there are',
      ],
      [
        'store/contract/acknowledgements.ts',
        'A2: one at or below the cursor leaves it where it is',
        'A5: moves one device of one user, and no other',
      ],
    ],
  },
  {
    rule: 'M3',
    says: 'connections of a device share its cursor',
    tests: [
      [
        'socket/device.test.ts',
        'has connections as many as it likes, each with a name of its own and all that comes',
      ],
    ],
  },
  {
    rule: 'M4',
    says: 'at least once, until it is acknowledged; a crash loses nothing',
    tests: [
      [
        'service/acknowledgement.test.ts',
        'sends again on the next connection what was not acknowledged, and nothing that was',
      ],
      [
        'service/kill.test.ts',
        'delivers everything that it accepted, in order, after each of ten kills while it is being posted to',
      ],
    ],
  },
  {
    rule: 'M5',
    says: 'nothing skipped, nothing twice',
    tests: [
      [
        'service/replay.test.ts',
        'replays what the device missed, in order, then live, while more is being posted',
      ],
    ],
  },
  {
    rule: 'M6',
    says: 'deliveries, and what is skipped',
    tests: [
      [
        'service/acknowledgement.test.ts',
        'keeps an acknowledgement of one device from changing another',
        'records no delivery for what `cursor=latest` skips',
      ],
    ],
  },
  {
    rule: 'M7',
    says: 'another database, another epoch',
    tests: [
      [
        'socket/start-position.test.ts',
        'tells a device of another database by a gap, and replays all that there is',
      ],
    ],
  },
  {
    rule: 'M8',
    says: 'a position comes with its epoch',
    tests: [
      [
        'socket/start-position.test.ts',
        'asks for the epoch of a cursor: 400 over the header, 4400 after the handshake',
      ],
      ['http/changes.test.ts', 'asks for an epoch with every position'],
    ],
  },
  {
    rule: 'M9',
    says: '`changes` is the replay over HTTP',
    tests: [
      ['http/changes.test.ts', 'makes no device, and moves the cursor of none'],
      [
        'http/changes-state.test.ts',
        'is the replay of a socket that starts at the same place, from every place of the log',
        'is the replay from the stored cursor, %d at a time',
      ],
    ],
  },
  {
    rule: 'M10',
    says: 'an acknowledgement over HTTP',
    tests: [
      [
        'http/acknowledge.test.ts',
        'an acknowledgement over HTTP moves the cursor, and the next socket starts there',
        'an acknowledgement over HTTP records the deliveries that it covers, for that device alone',
        'an acknowledgement over HTTP makes no device',
        'refuses an acknowledgement ahead of the log, of another epoch or of none, and moves nothing',
      ],
    ],
  },
  {
    rule: 'P1',
    says: 'the stored cursor',
    tests: [
      [
        'socket/start-position.test.ts',
        'a device starts at its stored cursor, whichever others there are',
      ],
    ],
  },
  {
    rule: 'P2',
    says: 'a new device: the beginning',
    tests: [
      [
        'socket/start-position.test.ts',
        'a new device starts at the beginning of what is kept',
        'a device of a user of whom nobody has heard starts at 0, and hears what comes',
      ],
    ],
  },
  {
    rule: 'P3',
    says: 'a cursor of the right epoch',
    tests: [
      [
        'socket/start-position.test.ts',
        'starts at a cursor of the right epoch: above the stored one it acknowledges, below it replays',
        'a page starts by its cursor as any other client',
      ],
      ['store/contract/opening.ts', 'O4: a cursor above the stored one acknowledges up to it'],
    ],
  },
  {
    rule: 'P4',
    says: '`cursor=latest`',
    tests: [
      [
        'socket/start-position.test.ts',
        'starts with what comes next where the client asks for the latest',
      ],
      ['service/acknowledgement.test.ts', 'records no delivery for what `cursor=latest` skips'],
    ],
  },
  {
    rule: 'P5',
    says: 'another epoch, or ahead: gap',
    tests: [
      [
        'socket/start-position.test.ts',
        'tells of a wrong epoch by a gap, and replays from the stored cursor',
        'tells of a cursor ahead of the log by a gap, and replays from the stored cursor',
      ],
    ],
  },
  {
    rule: 'P6',
    says: 'no epoch: 400, 4400',
    tests: [
      [
        'socket/start-position.test.ts',
        'asks for the epoch of a cursor: 400 over the header, 4400 after the handshake',
      ],
    ],
  },
  {
    rule: 'P7',
    says: 'a bad query: 400; unknown names pass',
    tests: [
      ['socket/start-position.test.ts', 'refuses the cursor %j'],
      ['socket/handshake.test.ts', 'refuses %s: %i %s', 'lets unknown names in the query by'],
    ],
  },
]
