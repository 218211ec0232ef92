import type { AttackRow } from './row.js'

/** Connections that break the protocol, or keep it and cost too much. */
export const SOCKETS: AttackRow[] = [
  {
    id: 'S1',
    attack: 'frames without a mask, with reserved bits, or of opcodes that mean nothing',
    source: 'RFC 6455 §5.1, §5.2, §10.3',
    outcome: 'close 1002',
    tests: [
      ['attacks/frames.test.ts', '%s closes %i'],
      ['socket/bad-input.test.ts', 'a frame without a mask closes 1002 (RFC 6455 §5.1)'],
    ],
  },
  {
    id: 'S2',
    attack: 'control frames over 125 bytes or in fragments; closes of codes that nobody may send',
    source: 'RFC 6455 §5.5, §7.4',
    outcome: 'close 1002',
    tests: [['attacks/frames.test.ts', '%s closes %i']],
  },
  {
    id: 'S3',
    attack: 'compressed frames that blow up',
    source: 'RFC 7692 §8, CWE-409',
    outcome: 'no compression is agreed on; close 1002',
    tests: [['attacks/frames.test.ts', 'no compression is agreed on, and so none can blow up: %s']],
  },
  {
    id: 'S4',
    attack: 'text that is no UTF-8: overlong, surrogates, broken over fragments; binary',
    source: 'RFC 6455 §8.1, §10.7',
    outcome: 'close 1007; 1003 for binary',
    tests: [
      ['attacks/frames.test.ts', '%s closes %i'],
      [
        'socket/bad-input.test.ts',
        'text that is no UTF-8 closes 1007 (RFC 6455 §8.1)',
        'a binary frame closes 1003, whatever it holds: %j',
      ],
    ],
  },
  {
    id: 'S5',
    attack: 'a frame of gigabytes, or one that says so',
    source: 'RFC 6455 §10.4, CWE-770',
    outcome: 'close 1009 by what it says, before it has come',
    tests: [
      ['attacks/frames.test.ts', '%s closes %i'],
      [
        'socket/bad-input.test.ts',
        'and one byte closes 1009',
        'is counted over all fragments of a message',
      ],
    ],
  },
  {
    id: 'S6',
    attack: 'a message of fragments without an end, of one byte each or of none',
    source: 'RFC 6455 §10.4, CWE-400',
    outcome: 'close 1009 at 16 KiB; 1008 where there are too many of nothing',
    tests: [
      [
        'attacks/frames.test.ts',
        'in fragments of one byte closes 1009 at 16 KiB',
        'in fragments of nothing closes 1008: ws counts them',
      ],
    ],
  },
  {
    id: 'S7',
    attack: 'nonsense and commands at full rate',
    source: 'OWASP API4:2023',
    outcome: 'close 4400 at the tenth that is not understood, 4429 over 50 a second',
    tests: [
      [
        'socket/bad-input.test.ts',
        'goes on after nine within a minute, and closes 4400 at the tenth',
        'counts them from the first frame on, before it knows who is calling',
      ],
      [
        'socket/command-rate.test.ts',
        'closes 4429 where it goes on: at the 51st that is refused within a minute',
      ],
    ],
  },
  {
    id: 'S8',
    attack: 'a socket that never says who it is, or has gone',
    source: 'OWASP API4:2023, CWE-400',
    outcome: 'close 4408 after 5 s, and by the heartbeat',
    tests: [
      [
        'socket/credentials.test.ts',
        'ends a connection whose first message brings no token in time with 4408',
      ],
      [
        'socket/slow-clients.test.ts',
        'closes 4408 a peer that answers no ping before it has shown a token',
        'closes 4408 a peer that answers no ping, and keeps one that gives any sign of life',
      ],
      ['socket/handshake.test.ts', 'says nothing before it knows who is calling'],
    ],
  },
  {
    id: 'S9',
    attack: 'a reader that never reads, or never acknowledges',
    source: 'CWE-770',
    outcome: 'memory is bounded: the rest waits on disk; close 4408',
    tests: [
      [
        'service/slow-reader.test.ts',
        'a reader that stops reading costs bounded memory, holds nobody up, and has everything when it is back',
      ],
      [
        'socket/slow-clients.test.ts',
        'closes 4408 a client that asks much and reads nothing: more than 1 MiB waits for it',
        'closes 4408 a window that stays full, and sends the same again on the next connection',
      ],
    ],
  },
  {
    id: 'S10',
    attack: 'connections, devices and topics without end, of one user',
    source: 'OWASP API4:2023',
    outcome: 'close 4409 and 4410 of the oldest; an error for one topic more',
    tests: [
      [
        'http/people.test.ts',
        'one connection more than allowed closes another 4409: of the same device first, and the one silent longest',
      ],
      [
        'http/devices.test.ts',
        'one device more than allowed makes the one go that was seen least recently, and is not connected',
      ],
      [
        'service/topics.test.ts',
        'more topics of its own than it may have are refused, and the connection goes on',
      ],
    ],
  },
  {
    id: 'S11',
    attack: 'a handshake of another protocol or version, or to another path',
    source: 'RFC 6455 §4.2.1, §4.4, §10.1',
    outcome: '400 with the version that is spoken; 404',
    tests: [
      ['socket/handshake.test.ts', 'refuses a client that offers other subprotocols only: %s'],
      [
        'http/without-upgrade.test.ts',
        'refuses a request to become something else on the path of sockets',
      ],
    ],
  },
  {
    id: 'S12',
    attack:
      'slow heads, bodies that never end, half a TLS handshake, connections on which nothing comes',
    source: 'CWE-400, OWASP API4:2023',
    outcome: '408, and the connection ends; one that is silent ends',
    tests: [
      [
        'http/time-outs.test.ts',
        'a request that %s is answered 408, and its connection ends',
        'a body that never comes to its end is answered 408',
        'a TLS handshake that never comes to its end is cut',
        'a connection on which nothing moves either way ends',
        'more TCP connections than there may be are dropped, and the others served on',
      ],
    ],
  },
  {
    id: 'S13',
    attack: 'tokens tried one after the other, to guess one or to keep the processor busy',
    source: 'OWASP API2:2023, CWE-307',
    outcome: '429: no signature is looked at from that address; whoever was verified goes on',
    tests: [
      [
        'http/rate-limits.test.ts',
        'an address of which too many tokens were refused is told when to come again',
      ],
      [
        'socket/upgrade-limits.test.ts',
        'a bad token counts for its address, whichever way it comes over a socket',
        'a token that takes the place of another counts too',
      ],
      [
        'auth/failed-attempts.test.ts',
        'lets pass a token that is remembered, from wherever it comes',
      ],
    ],
  },
  {
    id: 'S14',
    attack: 'sockets opened by the thousand, with a token or without',
    source: 'RFC 6455 §10.4, OWASP API4:2023',
    outcome:
      '429 by address and user; of those without a token the oldest goes; 503 and 1013 over `MAX_CONNECTIONS`',
    tests: [
      [
        'socket/upgrade-limits.test.ts',
        'an address may open so many sockets, and hears before the handshake that it is one too many',
        'a user opens no more sockets than it may make requests',
        'of connections that bring no token the oldest goes, of the same address first',
        'of one socket more than there may be, the last is told, as it can hear it',
      ],
    ],
  },
  {
    id: 'S15',
    attack: 'an address of one’s choice in `X-Forwarded-For`',
    source: 'RFC 7239 §8.1, CWE-290',
    outcome: 'read from the right, past trusted proxies alone; without any, not at all',
    tests: [
      [
        'http/addresses.test.ts',
        'from %s, forwarded for %s, a request counts for %s',
        'believes nobody where no proxy is named',
      ],
      [
        'http/rate-limits.test.ts',
        'the proxy itself, and what a caller writes before it, are not who is counted',
      ],
    ],
  },
  {
    id: 'S16',
    attack: 'requests at full rate, by one token or by many of one user',
    source: 'OWASP API4:2023',
    outcome: '429 with `Retry-After`',
    tests: [
      [
        'http/rate-limits.test.ts',
        'a user has so many requests, whichever of its tokens they come by',
        'each item of a batch is a request, and a batch is taken whole or not at all',
      ],
    ],
  },
  {
    id: 'S17',
    attack: 'large answers asked for by the hundred and never read',
    source: 'CWE-770, OWASP API4:2023',
    outcome: '429 above 32 of one user that are under way; a page ends at 1 MiB',
    tests: [
      [
        'http/under-way.test.ts',
        'of many requests whose answers wait for each other, those above a number are refused',
        'other users are not held up, and the user is served again when the connection has gone',
        'a page of large notifications has fewer of them, and the next goes on behind it',
      ],
    ],
  },
]
