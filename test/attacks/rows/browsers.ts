import type { AttackRow } from './row.js'

/** What a page of somebody else makes a browser do. */
export const BROWSERS: AttackRow[] = [
  {
    id: 'B1',
    attack: 'a socket from a page of another site, or of no origin (`null`)',
    source: 'RFC 6455 §10.2, CWE-1385',
    outcome: '403 before the token is looked at',
    tests: [
      [
        'socket/origin.test.ts',
        'refuses pages of %j',
        'refuses the loopback origin outside development',
        'looks at the origin before the token, however the token comes',
      ],
    ],
  },
  {
    id: 'B2',
    attack: 'a page of another site, of `null` or `*`, that reads answers',
    source: 'Fetch §3.3, OWASP API8:2023',
    outcome:
      'no CORS header but for allowed origins, by name, with `Vary: Origin`, never with cookies',
    tests: [
      [
        'http/cors.test.ts',
        'the browser of a page of %j is not told that it may read',
        'whoever sends no origin hears that the answer depends on it',
        'what services and operators ask is no page’s to read',
        'reads across origins where its own is allowed, and nowhere else',
      ],
    ],
  },
  {
    id: 'B3',
    attack: 'DNS rebinding: another site’s name that points at this machine',
    source: 'CWE-350',
    outcome: 'in development 403 for any host but localhost, 127.0.0.0/8 and [::1]',
    tests: [
      [
        'http/development-host.test.ts',
        'no path answers to the Host %s',
        'no path answers to the Host %j, which is none',
        'a request line that names another host is refused, whatever the Host header says',
        'a request line with a host of its own is held to its Host header all the same',
      ],
      ['socket/origin.test.ts', 'only loopback names of the host are served'],
      ['auth/hosts.test.ts', 'is not %j'],
    ],
  },
  {
    id: 'B4',
    attack: 'a page of another site that asks the console for a token',
    source: 'OWASP ASVS 5 V3.5, CWE-352',
    outcome: '403, and no preflight lets it',
    tests: [
      [
        'http/console-tokens.test.ts',
        'another site through a name that it points at this machine',
        'the browser of another site is told nothing by a preflight',
        'where the service is not in development there is nothing to ask',
      ],
      ['http/console-browser.test.ts', 'of another service is given no token'],
    ],
  },
  {
    id: 'B5',
    attack: 'the console in a frame; an answer taken for a page, a script or an image',
    source: 'OWASP HTTP Headers Cheat Sheet, CWE-1021',
    outcome: 'CSP, `nosniff` and CORP on every answer, also on those to what is no HTTP',
    tests: [
      ['http/console-browser.test.ts', 'reaches nothing else, and cannot be framed'],
      [
        'reference/page.test.ts',
        'the reference needs no token, is asked for anew, and may load nothing from outside and run nothing inline',
      ],
      [
        'http/security-headers.test.ts',
        'stand on the answer to %s %s (%i)',
        'stand on the answer to %s',
        'stand on what is stored, and on what may not be asked from elsewhere',
      ],
    ],
  },
  {
    id: 'B6',
    attack: 'markup and scripts in a notification',
    source: 'CWE-79, OWASP ASVS 5 V1.2',
    outcome: 'shown as text, in the console and in `<posthorn-inbox>`',
    tests: [
      ['console/compose.test.ts', 'shows texts as texts, whatever they hold'],
      ['element/opening.test.ts', 'shows text as text, and a letter where an icon can’t be loaded'],
      ['attacks/input.test.ts', '%j is text wherever text may be, and nothing else'],
    ],
  },
  {
    id: 'B7',
    attack:
      'a link that is `javascript:`, `data:`, `//host`, `/\\host`, or begins with a control character',
    source: 'CWE-79, CWE-601, WHATWG URL §4.4',
    outcome: '422 when it is sent; the element follows none, wherever it came from',
    tests: [
      ['protocol/send-refusals.test.ts', 'may not be %j'],
      [
        'attacks/input.test.ts',
        'a link that runs, or leads to where it does not say, is refused: %j',
      ],
      ['element/opening.test.ts', 'never follows %j, wherever it came from'],
    ],
  },
  {
    id: 'B8',
    attack: 'the answer of one user, kept by a proxy or a browser, shown to another',
    source: 'OWASP ASVS 5 V14.3, RFC 9111 §5.2.2',
    outcome: '`no-store`; an inbox `private, no-cache` with a tag that fits its reader alone',
    tests: [
      [
        'http/tags.test.ts',
        'comes with a tag that stays while nothing changes, and may be kept by its reader alone',
        'is asked by one user in vain for the tag of another',
      ],
      ['http/security-headers.test.ts', 'an inbox is kept by its reader alone, who asks again'],
    ],
  },
  {
    id: 'B9',
    attack: 'plain HTTP, once, to a service that speaks TLS',
    source: 'RFC 6797 §2.3',
    outcome: 'nothing is served without TLS, and HSTS says so; behind a proxy the proxy says it',
    tests: [
      ['service/tls.test.ts', 'serves REST and sockets over TLS, and nothing without'],
      [
        'http/security-headers.test.ts',
        'browsers are told to come by nothing else (RFC 6797 §7.1)',
      ],
    ],
  },
]
