import type { RuleRow } from './row.js'

/** What server and client say. */
export const FRAME_RULES: RuleRow[] = [
  {
    rule: 'F1',
    says: '`welcome` first, once',
    tests: [
      ['socket/frames.test.ts', 'welcomes first, with all that a client needs to know'],
      ['socket/handshake.test.ts', 'says nothing before it knows who is calling'],
    ],
  },
  {
    rule: 'F2',
    says: 'the order of what comes',
    tests: [
      [
        'socket/frames.test.ts',
        'sends the replay without counts, then `caught_up` once, then what is live with counts as of then',
      ],
      [
        'socket/start-position.test.ts',
        'tells of a wrong epoch by a gap, and replays from the stored cursor',
      ],
    ],
  },
  {
    rule: 'F3',
    says: 'early commands wait, at most 64',
    tests: [
      [
        'socket/frames.test.ts',
        'keeps commands that come while the connection is being opened, and answers them in their order',
      ],
      [
        'socket/session-commands.test.ts',
        'keeps messages that come while it opens, in order, and bounds them',
      ],
    ],
  },
  {
    rule: 'F4',
    says: 'a command has an id or gets no reply',
    tests: [
      [
        'socket/frames.test.ts',
        'gives the id of a command back on its reply, and replies to none without an id',
      ],
    ],
  },
  {
    rule: 'F5',
    says: '`batch=true`: 64 frames and 256 KiB',
    tests: [
      [
        'service/replay.test.ts',
        'sends the replay in arrays to a client that asks for them',
        'keeps an array of frames within 256 KiB',
      ],
    ],
  },
  {
    rule: 'F6',
    says: 'a notification, whole, live or replayed',
    tests: [
      [
        'socket/frames.test.ts',
        'sends a notification whole, live and replayed alike',
        'sends the replay without counts, then `caught_up` once, then what is live with counts as of then',
      ],
    ],
  },
  {
    rule: 'F7',
    says: '`caught_up` once, at `welcome.latest`',
    tests: [
      [
        'service/replay.test.ts',
        'replays what the device missed, in order, then live, while more is being posted',
      ],
    ],
  },
  {
    rule: 'F8',
    says: '`ping`, `pong`',
    tests: [['socket/frames.test.ts', 'answers `ping` by `pong`, with its id or without']],
  },
  {
    rule: 'F9',
    says: '`token_expiring` a minute before, once',
    tests: [
      ['socket/token-life.test.ts', 'a minute before its end a token is announced to expire, once'],
    ],
  },
  {
    rule: 'F10',
    says: 'a fresh token in-band',
    tests: [
      [
        'socket/token-life.test.ts',
        'a fresh token in-band keeps the connection alive until its own end',
        'a fresh token that ends sooner shortens the connection',
        'a fresh token needs no id, and may name the device of the connection or none',
      ],
    ],
  },
  {
    rule: 'F11',
    says: 'somebody else: 4403; invalid: 4401',
    tests: [
      [
        'socket/token-life.test.ts',
        'a fresh token of %s closes 4403',
        'a fresh token that is %s closes 4401',
      ],
      ['socket/invalid-tokens.test.ts', 'in-band, on a connection that lives: an error and 4401'],
    ],
  },
  {
    rule: 'F12',
    says: '`ack`: cumulative, coalesced, on disk',
    tests: [
      ['service/acknowledgement.test.ts', 'never moves a cursor back'],
      [
        'socket/session-reading.test.ts',
        'writes one acknowledgement for all that came while the one before was being written',
      ],
      [
        'service/kill.test.ts',
        'delivers everything that it accepted, in order, after each of ten kills while it is being posted to',
      ],
    ],
  },
  {
    rule: 'F13',
    says: '`ack_ahead`',
    tests: [
      [
        'service/acknowledgement.test.ts',
        'refuses an acknowledgement ahead of what was sent, and the connection goes on',
        'refuses an acknowledgement of what stands in the log and was not sent on the connection',
      ],
      [
        'socket/frames.test.ts',
        'lets a client acknowledge where it started and what `caught_up` named, though no entry of it was sent',
      ],
    ],
  },
  {
    rule: 'F14',
    says: 'what comes whole',
    tests: [
      [
        'service/marks.test.ts',
        'a device that has not acknowledged the content gets it whole, one that has gets its new state',
      ],
      [
        'http/changes-state.test.ts',
        'is the replay of a socket that starts at the same place, from every place of the log',
      ],
    ],
  },
  {
    rule: 'F15',
    says: '`updated`, with counts where it is live',
    tests: [
      [
        'service/marks.test.ts',
        "read on the phone, the laptop's badge and entry change at once, and a tablet that was off hears of it when it comes back",
        'a device that has not acknowledged the content gets it whole, one that has gets its new state',
      ],
      [
        'protocol/down/updated.test.ts',
        'writes the state of an entry by the schema of what the server says (%j)',
      ],
    ],
  },
  {
    rule: 'F16',
    says: '`mark`: its reply, and its events for who asked too',
    tests: [
      [
        'service/marks.test.ts',
        'a mark over the socket is answered with its result, and the connection that asked gets the events too',
      ],
    ],
  },
  {
    rule: 'F17',
    says: 'a mark that is refused ends nothing',
    tests: [
      [
        'service/marks.test.ts',
        'more than five bulk marks a second are refused, and the connection goes on',
      ],
    ],
  },
  {
    rule: 'F18',
    says: '`draining`, and when to come back',
    tests: [
      [
        'service/stop.test.ts',
        'tells sockets when to come back, each at another time, while `readyz` says that it is on its way out',
      ],
      [
        'socket/drain.test.ts',
        'sends many away slice by slice, each told before it is closed, all within the time',
      ],
    ],
  },
]
