import type { RuleRow } from './row.js'

/** The tests that try each kind of forged token, in each way. */
export const FORGED: RuleRow['tests'][number] = [
  'socket/invalid-tokens.test.ts',
  'by the header: 401 with a challenge',
  'by %s: an error and 4401',
  'in-band, on a connection that lives: an error and 4401',
  'over REST: 401 with a challenge',
]

/** Tokens, whoever has signed them. */
export const TOKEN_RULES: RuleRow[] = [
  { rule: 'T1', says: '`sub` and `exp` are required', tests: [FORGED] },
  {
    rule: 'T2',
    says: '30 s of tolerance: ±29 s is taken, ±31 s is not',
    tests: [
      [
        'socket/clock-tolerance.test.ts',
        'by %s',
        'over REST',
        'by the header: 401',
        'by %s: 4401',
        'over REST: 401',
        'a request with the token of a service is refused from 30 s after its end, remembered or not',
      ],
    ],
  },
  {
    rule: 'T3',
    says: 'a scope makes a service, which has no inbox',
    tests: [
      ['socket/credentials.test.ts', 'by the header: 403', 'by %s: 4403'],
      [
        'http/authorization.test.ts',
        'refuses the other kind of caller, and each service without the scope',
      ],
    ],
  },
  { rule: 'T4', says: '`crit` is refused', tests: [FORGED] },
  {
    rule: 'T5',
    says: 'no key or address in a header is followed',
    tests: [
      ['socket/invalid-tokens.test.ts', 'nobody has asked the addresses that tokens name'],
      FORGED,
    ],
  },
  { rule: 'T6', says: 'no token over 8 KiB', tests: [FORGED] },
  {
    rule: 'T7',
    says: '`token_expired` for its end alone',
    tests: [FORGED, ['socket/clock-tolerance.test.ts', 'by the header: 401', 'by %s: 4401']],
  },
  {
    rule: 'T8',
    says: 'no token is logged or sent back',
    tests: [
      [
        'telemetry/secrets.test.ts',
        'writes no part of any token to the log, however it came, and gives none back (ALLOW_QUERY_TOKEN=%s)',
      ],
    ],
  },
  {
    rule: 'T9',
    says: 'a connection lives as long as its token',
    tests: [
      [
        'socket/token-life.test.ts',
        'a connection ends with its token: 4401 at `exp` (token by %s)',
        'a token that is let in by the tolerance alone lives until that ends',
      ],
    ],
  },
  {
    rule: 'T10',
    says: 'what is revoked is obeyed at once, over restarts and erasure',
    tests: [
      [
        'http/revocations.test.ts',
        'refuses one token by its `jti`, and ends the connection that lives on it',
        'refuses what a user was issued before a time, and what does not say when',
        'is kept over a restart, and over the erasure of the user',
      ],
    ],
  },
]
