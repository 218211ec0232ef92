import type { AttackRow } from './row.js'

/** What belongs to somebody else, and what is told of it. */
export const NAMES: AttackRow[] = [
  {
    id: 'N1',
    attack: 'the ids of others: notifications, devices, connections, entries to mark',
    source: 'OWASP API1:2023, CWE-639, CWE-204',
    outcome: 'status, headers and body are those of what is not there, and nothing changes',
    tests: [
      [
        'attacks/foreign.test.ts',
        '%s: that of another answers as one that is not there',
        'nothing of alice has changed by all that',
        'acknowledges and marks nothing of another, and names nobody',
      ],
      [
        'http/one-notification.test.ts',
        'answers the same for one that is not there, one of another user and one that is none',
      ],
      [
        'http/recall.test.ts',
        'DELETE answers alike for what is not there, what another service sent, and what is no id',
      ],
    ],
  },
  {
    id: 'N2',
    attack: 'an idempotency key of another service, also of one whose names run together alike',
    source: 'draft-ietf-httpapi-idempotency-key-header, CWE-639',
    outcome: 'a key is of one (`iss`, `sub`): a new notification, nothing of the other answer',
    tests: [
      [
        'attacks/foreign.test.ts',
        'an idempotency key of another service gives nothing of its answer',
      ],
      ['service/idempotency.test.ts', 'lets two services use the same key'],
    ],
  },
  {
    id: 'N3',
    attack: 'a page token of another user, of another list, or tampered with',
    source: 'CWE-639, CWE-565',
    outcome: 'it holds a place alone: the own list, or 400',
    tests: [
      [
        'attacks/foreign.test.ts',
        'a page of another list shows the own one alone',
        'a page that was tampered with is refused, or shows the own list alone',
      ],
      ['http/inbox.test.ts', 'refuses a page that it did not give, and the page of another list'],
    ],
  },
  {
    id: 'N4',
    attack: 'a tag of another user’s list in `If-None-Match`',
    source: 'CWE-204, RFC 9110 §13.1.2',
    outcome: '200 with the own list, never 304',
    tests: [
      ['attacks/foreign.test.ts', 'a tag of another list is not answered 304'],
      ['http/tags.test.ts', 'is asked by one user in vain for the tag of another'],
    ],
  },
  {
    id: 'N5',
    attack: 'the error of a request that is not allowed, read for what it tells of the rest',
    source: 'OWASP API8:2023, CWE-209',
    outcome: 'the token is looked at before the body; a fault says its request id and no more',
    tests: [
      [
        'http/authorization.test.ts',
        'looks at the token before the body: who may not send learns nothing of what is wrong with it',
      ],
      [
        'socket/server-faults.test.ts',
        'closes 1011 where the store fails, without a word of the cause, and goes on when it is mended',
      ],
      ['protocol/send-refusals.test.ts', 'says nothing of what the caller sent but its names'],
    ],
  },
  {
    id: 'N6',
    attack: 'the log, searched for tokens and secrets in whole or in pieces',
    source: 'RFC 6750 §5.2, CWE-532, OWASP Logging Cheat Sheet',
    outcome: 'none at `LOG_LEVEL=trace`, through requests, refusals, faults and starts that fail',
    tests: [
      [
        'telemetry/secrets.test.ts',
        'writes no part of any token to the log, however it came, and gives none back (ALLOW_QUERY_TOKEN=%s)',
      ],
      [
        'attacks/log.test.ts',
        'a token that somebody puts into a path is not in the log, whole or cut short',
        'a handshake for another path is told by that path, without a token that stands in it',
        'a fault while serving, and settings that are wrong, tell no secret',
      ],
      ['http/console-tokens.test.ts', 'no token stands in a line of the log'],
      ['config.test.ts', 'never repeats a secret'],
    ],
  },
  {
    id: 'N7',
    attack: 'log forging: line breaks, terminal escapes and text direction in paths',
    source: 'CWE-117, CWE-150',
    outcome: 'one JSON line a request, such characters percent-encoded',
    tests: [
      [
        'attacks/log.test.ts',
        'a path writes no line of its own, moves no cursor and turns no text round',
        'a path in the log is as it was asked, but for what a reader would stumble over',
      ],
    ],
  },
  {
    id: 'N8',
    attack: 'an open redirect by path, query or `X-Forwarded-Host`',
    source: 'RFC 9700 §4.11, CWE-601',
    outcome: 'no answer leads anywhere',
    tests: [['attacks/paths.test.ts', '%s']],
  },
  {
    id: 'N9',
    attack: 'the figures of the service, asked for by whoever likes, and read for names',
    source: 'OWASP API8:2023, CWE-200',
    outcome:
      '401 and 403 but for `posthorn:metrics` or the port of operators; no label names anybody',
    tests: [
      [
        'http/metrics.test.ts',
        'are for services with posthorn:metrics alone',
        'take no query, which might be a token',
      ],
      ['http/operations.test.ts', 'in development answers to loopback names alone'],
      [
        'service/metrics.test.ts',
        'names nobody: labels have few values, and none of a user, a device or a token',
      ],
    ],
  },
  {
    id: 'N10',
    attack: 'a trace that a stranger has the service write',
    source: 'W3C Trace Context (Security Considerations), CWE-770',
    outcome: '`traceparent` counts from callers with a token alone, and names no user or device',
    tests: [
      [
        'telemetry/tracing.test.ts',
        'exports nothing of a trace that its caller does not sample, nor of one who has no token',
      ],
    ],
  },
  {
    id: 'N11',
    attack: 'the files of the service, read by another account of the machine',
    source: 'CWE-276, CWE-732',
    outcome: 'database, backups and the secret of development are for their owner alone',
    tests: [
      ['store/sqlite/database.test.ts', 'makes the folder and the files for their owner alone'],
      [
        'cli/backup.test.ts',
        'copies what was answered while the service goes on writing, and the copy draws another epoch, once',
      ],
      [
        'auth/development.test.ts',
        'makes a secret that is long enough, for its owner alone, and gives it again',
      ],
    ],
  },
]
