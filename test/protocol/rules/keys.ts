import type { RuleRow } from './row.js'
import { FORGED } from './tokens.js'

/** The keys that verify tokens, and whose they are. */
export const KEY_RULES: RuleRow[] = [
  {
    rule: 'K1',
    says: 'JWT_SECRET: HS256, at least 32 bytes',
    tests: [
      [
        'service/key-kinds.test.ts',
        'verifies HS256 and nothing else',
        'a short secret, or none on an address that others can reach, stops the start',
      ],
    ],
  },
  {
    rule: 'K2',
    says: 'JWT_PUBLIC_KEY: RS, PS, ES, EdDSA',
    tests: [['service/key-kinds.test.ts', 'verifies %s by a PEM and by a JWK']],
  },
  { rule: 'K3', says: 'the key names the algorithm', tests: [FORGED] },
  {
    rule: 'K4',
    says: '`kid` chooses in a JWKS',
    tests: [
      [
        'service/key-kinds.test.ts',
        'verifies by each key of a JWKS under its kid, and by none under that of another',
      ],
      ['auth/keys.test.ts', 'tries each key of its kind on a token that names none'],
    ],
  },
  {
    rule: 'K5',
    says: 'JWT_ISSUER and JWT_AUDIENCE',
    tests: [['service/key-kinds.test.ts', '%j, each by itself, is asked of every token'], FORGED],
  },
  {
    rule: 'K6',
    says: 'in development on loopback alone',
    tests: [
      ['socket/origin.test.ts', 'only loopback names of the host are served'],
      ['http/development-host.test.ts', 'no path answers to the Host %s'],
      [
        'service/key-kinds.test.ts',
        'a short secret, or none on an address that others can reach, stops the start',
      ],
    ],
  },
  {
    rule: 'K7',
    says: 'JWKS_URL: one fetch for all who wait, before old keys are used',
    tests: [
      [
        'service/jwks.test.ts',
        'takes tokens by a published key, over REST and sockets',
        'fetches the keys once for a thousand requests that wait for them',
      ],
      [
        'auth/remote-keys-age.test.ts',
        'looks anew before it uses keys that are old, so that one that was withdrawn serves no more',
        'believes no token by memory when its key was withdrawn, or all are too old',
        'by default waits 10 s between two fetches, looks anew after 10 minutes, and gives up after 4 hours',
      ],
    ],
  },
  {
    rule: 'K8',
    says: 'a key that may be new: 503, 1013, never 401',
    tests: [
      [
        'service/jwks.test.ts',
        'answers a key that may be new by 503 and when to come again, on a socket by 1013, never by 401',
        'takes a new key when the cooldown is over',
      ],
      [
        'auth/remote-keys.test.ts',
        'may be new within the cooldown: the token is not called bad, and the wait is told',
        'is bad where a fetch that began after the token came has not brought it',
        'is not called bad by a fetch that was under way when the token came',
        'costs one fetch a cooldown, however many there are, and whether or not it goes well',
        'is no excuse for a token that no key could mend',
      ],
    ],
  },
  {
    rule: 'K9',
    says: 'a provider that is down: keys are good for 4 h, then 503',
    tests: [
      [
        'auth/remote-keys.test.ts',
        'costs nothing while the keys are good, and then lets nobody in, without calling a token bad',
      ],
      [
        'service/jwks.test.ts',
        'starts while the provider is down, answers 503 until it is up, and stops while it hangs',
      ],
    ],
  },
  {
    rule: 'K10',
    says: 'JWT_GRANTS: 403, 4403',
    tests: [
      [
        'service/auth-config.test.ts',
        'with JWT_GRANTS the one issuer speaks for users alone, or for services alone',
        'believes several issuers at once, each for whom it may speak, in its own namespace',
      ],
    ],
  },
  {
    rule: 'K11',
    says: 'AUTH_CONFIG: each issuer with its own',
    tests: [
      [
        'service/auth-config.test.ts',
        'believes several issuers at once, each for whom it may speak, in its own namespace',
      ],
      [
        'auth/issuers.test.ts',
        'each is known by `iss`, and its tokens are held to its own keys',
        'none signs for a name that is not its own, or for none',
        'each has its own audiences, of which one must be named',
      ],
    ],
  },
  {
    rule: 'K12',
    says: 'userPrefix: a namespace of its own',
    tests: [
      ['auth/issuers.test.ts', 'keeps its namespace from the issuers that have none'],
      [
        'service/auth-config.test.ts',
        'believes several issuers at once, each for whom it may speak, in its own namespace',
      ],
    ],
  },
]
