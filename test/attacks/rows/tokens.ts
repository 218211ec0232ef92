import type { AttackRow } from './row.js'

/** The tests that try each kind of forged token, in each way. */
const FORGED: AttackRow['tests'][number] = [
  'socket/invalid-tokens.test.ts',
  'by the header: 401 with a challenge',
  'by %s: an error and 4401',
  'in-band, on a connection that lives: an error and 4401',
  'over REST: 401 with a challenge',
]

/** Tokens that were forged, stolen, or say more than they may. */
export const TOKENS: AttackRow[] = [
  {
    id: 'T1',
    attack: 'a token without a signature: `alg` none in any spelling, or absent',
    source: 'RFC 8725 §2.1, §3.1',
    outcome: '401, 4401: only the algorithms of the configured keys',
    tests: [
      FORGED,
      ['auth/verify.test.ts', 'refuses a token without a signature that says alg %j'],
    ],
  },
  {
    id: 'T2',
    attack: 'HMAC with the text or the bytes of the public key as the secret',
    source: 'RFC 8725 §2.1',
    outcome: '401, 4401: a public key serves no HMAC',
    tests: [
      FORGED,
      [
        'service/keys.test.ts',
        'takes tokens by the private half of JWT_PUBLIC_KEY, over REST and sockets, and none signed with its text',
      ],
    ],
  },
  {
    id: 'T3',
    attack: 'a key of the attacker’s own in the header: `jwk`, `jku`, `x5u`, `x5c`',
    source: 'RFC 8725 §3.10, CWE-918',
    outcome: '401, 4401, and nobody is asked for it',
    tests: [
      FORGED,
      ['socket/invalid-tokens.test.ts', 'nobody has asked the addresses that tokens name'],
    ],
  },
  {
    id: 'T4',
    attack: 'a `kid` that is a path, a URL, SQL, or no text',
    source: 'RFC 8725 §3.10, CWE-22, CWE-89',
    outcome: '401, 4401: a name among the keys that are there, or none',
    tests: [FORGED],
  },
  {
    id: 'T5',
    attack: 'a short or empty secret, to be guessed',
    source: 'RFC 8725 §2.2, §3.5',
    outcome: 'the service does not start',
    tests: [
      [
        'auth/keys.test.ts',
        'has at least 32 bytes, counted as UTF-8, and is not repeated when it is too short',
      ],
      [
        'service/key-kinds.test.ts',
        'a short secret, or none on an address that others can reach, stops the start',
      ],
    ],
  },
  {
    id: 'T6',
    attack: 'an RSA key by whose exponent anyone could sign; a signature of zeros',
    source: 'RFC 8725 §3.4, CVE-2022-21449',
    outcome: 'the key stops the start; the token is refused',
    tests: [
      ['auth/keys.test.ts', 'refuses an RSA key by whose exponent anyone could sign'],
      FORGED,
    ],
  },
  {
    id: 'T7',
    attack: 'a token within a token, and the form of an encrypted one',
    source: 'RFC 8725 §2.3, §3.3',
    outcome: '401, 4401',
    tests: [FORGED],
  },
  {
    id: 'T8',
    attack: 'a critical extension that nobody knows; claims that are not encoded',
    source: 'RFC 7515 §4.1.11, RFC 7797 §7',
    outcome: '401, 4401',
    tests: [
      FORGED,
      ['auth/verify.test.ts', 'may not say that the claims are not encoded (RFC 7797 §7)'],
    ],
  },
  {
    id: 'T9',
    attack: 'one name twice in the header',
    source: 'RFC 7515 §4, RFC 8259 §4',
    outcome: '401, 4401: what is signed is checked by what is read',
    tests: [FORGED],
  },
  {
    id: 'T10',
    attack: 'no `exp`, or one that is text, a list, null, or 1e308; `nbf` to come',
    source: 'RFC 7519 §4.1.4, §4.1.5',
    outcome: '401, 4401',
    tests: [
      FORGED,
      [
        'auth/claims.test.ts',
        'may not be later than RFC 3339 can tell, since `tokenExpiresAt` does',
      ],
    ],
  },
  {
    id: 'T11',
    attack: 'a token for another audience, of another issuer, or of one among several',
    source: 'RFC 8725 §3.8, §3.9',
    outcome: '401, 4401',
    tests: [
      FORGED,
      ['auth/issuers.test.ts', 'each has its own audiences, of which one must be named'],
    ],
  },
  {
    id: 'T12',
    attack: 'an issuer that names the users of another, by the name or by the prefix',
    source: 'RFC 8725 §2.7, §3.8',
    outcome: '401: an issuer signs for its own namespace; prefixes that begin alike stop the start',
    tests: [
      [
        'auth/issuers.test.ts',
        'each is known by `iss`, and its tokens are held to its own keys',
        'none signs for a name that is not its own, or for none',
        'keeps its namespace from the issuers that have none',
      ],
      [
        'auth/auth-file.test.ts',
        'of prefixes that begin alike: their namespaces would not be apart',
      ],
    ],
  },
  {
    id: 'T13',
    attack: 'the scopes of the other kind of caller; words of a scope that only look right',
    source: 'RFC 6750 §3.1, OWASP API5:2023',
    outcome: '403 `insufficient_scope`; a user is no service by any scope, nor a service a user',
    tests: [
      [
        'http/authorization.test.ts',
        'refuses the other kind of caller, and each service without the scope',
      ],
      ['auth/principal.test.ts', 'is no service, by no scope: %s'],
      ['auth/issuers.test.ts', 'is needed to speak for a user, and for a service'],
    ],
  },
  {
    id: 'T14',
    attack: 'a token in the URL or the body of a request',
    source: 'RFC 6750 §5.3, RFC 9700 §4.3.2',
    outcome: '401; on sockets too, unless `ALLOW_QUERY_TOKEN` allows it there',
    tests: [
      ['http/authorization.test.ts', 'takes no token from the URL or the body'],
      ['socket/credentials.test.ts', 'is not taken unless that is allowed, and not sent back'],
    ],
  },
  {
    id: 'T15',
    attack: 'two tokens in one request, of which a proxy checks the other',
    source: 'RFC 6750 §2',
    outcome: '400, 401',
    tests: [
      ['socket/credentials.test.ts', 'takes the token in one way only'],
      [
        'http/authorization.test.ts',
        'refuses a token that is none, or that nobody trusted has signed',
      ],
    ],
  },
  {
    id: 'T16',
    attack: 'another scheme: Basic, or none',
    source: 'RFC 9110 §11.4',
    outcome: '401 that asks for Bearer',
    tests: [['http/authorization.test.ts', 'asks whoever brings no token for one']],
  },
  {
    id: 'T17',
    attack: 'a token of megabytes; a header that a regular expression chokes on',
    source: 'CWE-770, CWE-1333',
    outcome: '401 over 8 KiB, 431 over 16 KiB',
    tests: [
      FORGED,
      ['auth/bearer.test.ts', 'takes no time over a header made to take long'],
      ['http/client-error.test.ts', 'answers %s by a problem, and goes on'],
    ],
  },
  {
    id: 'T18',
    attack: 'a stolen token, used after it was taken back',
    source: 'RFC 9700 §4.10, OWASP API2:2023',
    outcome: '401, 4403, over restarts and though it is remembered; sockets that live on it close',
    tests: [
      [
        'http/revocations.test.ts',
        'refuses one token by its `jti`, and ends the connection that lives on it',
        'is kept over a restart, and over the erasure of the user',
      ],
      [
        'auth/revocations.test.ts',
        'is refused though it was verified before, a service’s too; others are not',
      ],
    ],
  },
  {
    id: 'T19',
    attack: 'a fresh token of somebody else on a connection that lives',
    source: 'RFC 6455 §10.5',
    outcome: '4403',
    tests: [
      [
        'socket/fresh-token.test.ts',
        'lives on with a fresh token of the same user, and closes 4403 on one of another',
      ],
    ],
  },
  {
    id: 'T20',
    attack: 'a token that serves one device, used for another',
    source: 'OWASP API1:2023',
    outcome: '403, 4403',
    tests: [
      [
        'socket/device.test.ts',
        'the header is answered 403 device_not_allowed',
        '%s hears device_not_allowed and 4403',
      ],
      ['http/devices.test.ts', 'a token that serves one device lists and removes that one alone'],
    ],
  },
  {
    id: 'T21',
    attack: 'many tokens with keys that are not known, to have the provider asked for each',
    source: 'RFC 8725 §2.9, §3.10, CWE-406',
    outcome: 'one fetch in 10 s, however many there are',
    tests: [
      [
        'auth/remote-keys.test.ts',
        'costs one fetch a cooldown, however many there are, and whether or not it goes well',
      ],
    ],
  },
  {
    id: 'T22',
    attack: 'a pattern of topics that takes long, or allows more than it says',
    source: 'CWE-1333, OWASP API5:2023',
    outcome: 'compared segment by segment; no regular expression is made of it',
    tests: [
      ['auth/topics.test.ts', '%s does not allow %s', '%j: %s'],
      ['service/topics.test.ts', 'a token whose `topics` are no patterns is refused'],
    ],
  },
]
