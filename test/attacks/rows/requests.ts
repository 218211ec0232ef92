import type { AttackRow } from './row.js'

/** Requests whose bytes, paths or bodies mean something else than they seem to. */
export const REQUESTS: AttackRow[] = [
  {
    id: 'R1',
    attack:
      'request smuggling: length beside coding, two lengths, lists, signs, codings that are none, folded lines, bare LF and CR, sizes of chunks',
    source: 'RFC 9112 §6.3, §7.1, §11.2, CWE-444',
    outcome: '400, and the connection ends: nothing that follows is read as a request',
    tests: [
      [
        'attacks/framing.test.ts',
        'is refused, and its connection ends: %s',
        'the body of a GET is no request',
        'a trailer is no header: a token there is none',
        'what a refused body leaves behind is no request',
      ],
    ],
  },
  {
    id: 'R2',
    attack: 'two `Host` headers, or another host in the request line',
    source: 'RFC 9112 §3.2, CWE-644',
    outcome:
      '400 for two; no link or redirect is made of a host, and in development a name that is not of loopback gets 403',
    tests: [
      [
        'http/development-host.test.ts',
        'two Host headers are refused, in production too (RFC 9112 §3.2): %s and %s',
      ],
      ['attacks/paths.test.ts', '%s'],
    ],
  },
  {
    id: 'R3',
    attack: 'response splitting: CR and LF in paths, ids, keys, tags and origins',
    source: 'RFC 9112 §11.1, CWE-113',
    outcome: 'no header is made of them; a request id of such characters is replaced',
    tests: [
      [
        'attacks/framing.test.ts',
        'no path and no name in it (%s)',
        'no request id, key, tag, origin or method',
      ],
      ['http/problems.test.ts', 'is another where the caller’s is not: %j'],
    ],
  },
  {
    id: 'R4',
    attack:
      'path traversal out of the files of the console and of `/docs`, encoded once, twice, overlong',
    source: 'CWE-22, OWASP ASVS 5 V5.3',
    outcome: '404: they are read once, by name, when the service starts',
    tests: [['attacks/paths.test.ts', '%s gives no file', '%s is no path']],
  },
  {
    id: 'R5',
    attack: 'another spelling of a guarded path: `%2e%2e`, `%00`, `//`, `;`, case',
    source: 'OWASP API5:2023, CWE-177',
    outcome: '404, or guarded as the path that it names',
    tests: [
      [
        'attacks/paths.test.ts',
        '%s is no other path',
        '%s, which names a path that is guarded, is guarded as that',
        'of a user is that user: encoded or not, and no path of its own',
      ],
    ],
  },
  {
    id: 'R6',
    attack: 'TRACE, CONNECT, methods that are none, method override by header or query',
    source: 'RFC 9110 §9.3.8, OWASP ASVS 5 V4.1',
    outcome: '405 or 400, for CONNECT an end without an answer; nothing of the request comes back',
    tests: [
      [
        'attacks/paths.test.ts',
        '%s is not taken, and nothing of the request comes back (RFC 9110 §9.3.8)',
        '%j is none',
        'CONNECT leads nowhere',
        'is not replaced by the header %s',
      ],
    ],
  },
  {
    id: 'R7',
    attack: 'SQL, templates, format strings and formulas in every text and name',
    source: 'CWE-89, CWE-1336, OWASP ASVS 5 V1.2',
    outcome: 'text, which comes back as it was; refused where names are of few characters',
    tests: [
      [
        'attacks/input.test.ts',
        '%j is text wherever text may be, and nothing else',
        '%j is no name where names are of few characters',
      ],
    ],
  },
  {
    id: 'R8',
    attack: '`__proto__`, `constructor` in bodies, queries, headers, names',
    source: 'CWE-1321',
    outcome: 'fields like any other: unknown ones are refused, names and `data` are kept',
    tests: [
      [
        'attacks/paths.test.ts',
        '%s in a path, a query, a header',
        '%s as a user, a device, a topic, a type and an id of a command',
      ],
      [
        'protocol/send-refusals.test.ts',
        'refuses a field named `__proto__`, as any that does not exist',
        'takes no target from a field named `__proto__`',
      ],
      [
        'protocol/send.test.ts',
        'keeps a field named `__proto__` as any other, and lets it change nothing',
      ],
    ],
  },
  {
    id: 'R9',
    attack: 'mass assignment: `id`, `sender`, `seq`, `user` in a body',
    source: 'OWASP API3:2023, CWE-915',
    outcome: '422 `unknown_field`; a socket passes over it',
    tests: [
      [
        'attacks/input.test.ts',
        'what only the service may say of a notification is no field of a send (API3:2023)',
        'a user can speak for no other by the body of a request (API1:2023)',
      ],
    ],
  },
  {
    id: 'R10',
    attack: 'JSON 100,000 deep',
    source: 'RFC 8259 §9, CWE-674',
    outcome: '400 or 422, and the service goes on',
    tests: [
      ['http/body.test.ts', 'nested a hundred thousand deep is refused, and the service goes on'],
      [
        'protocol/send-refusals.test.ts',
        'nested %d deep around %j is refused, not recursed into',
        'cannot hide in another field: a title nested 100,000 deep is refused',
      ],
      ['protocol/up/index.test.ts', 'takes what is nested 100,000 deep without a crash'],
    ],
  },
  {
    id: 'R11',
    attack: 'JSON that readers take differently: one field twice, numbers that no double holds',
    source: 'RFC 8259 §4, §6, RFC 7493',
    outcome: 'the last field counts, for the check and the deed alike; numbers are finite',
    tests: [
      [
        'attacks/input.test.ts',
        'of two fields with one name the last one counts, for the check and the deed alike',
        'the number %s is one that JSON can tell again, or is refused',
      ],
    ],
  },
  {
    id: 'R12',
    attack: 'NUL, control characters and half surrogates in names and texts',
    source: 'RFC 8259 §8.2, CWE-158, CWE-176',
    outcome: '422 in names, where two would become one; kept in texts',
    tests: [
      [
        'attacks/input.test.ts',
        'half a character is refused where two names would become one: %s',
        'NUL is kept where text is anything, and refused in names',
      ],
      ['auth/claims.test.ts', 'may not be %j'],
    ],
  },
  {
    id: 'R13',
    attack: 'a body over the limit: in chunks, endless, or with a length that lies',
    source: 'OWASP API4:2023, CWE-770',
    outcome: '413 by its length, or as soon as what has come is too much',
    tests: [
      [
        'http/body.test.ts',
        'is refused by its Content-Length, before a byte of it has come',
        'is refused by what has come, where it comes in chunks',
        'is refused though it never ends',
        'is not waited for: where its rest does not come the connection ends',
      ],
    ],
  },
  {
    id: 'R14',
    attack: 'bytes at random, and sound requests and frames but for one place',
    source: 'CWE-20',
    outcome: 'no crash, no 5xx, no answer outside the contract, and memory stays flat',
    tests: [
      [
        'fuzz/fuzz.test.ts',
        'takes whatever comes: no crash, no 5xx, no answer outside the contract, and memory stays flat',
      ],
    ],
  },
  {
    id: 'R15',
    attack: 'a header that guards something, behind more headers than a program keeps',
    source: 'RFC 9110 §5.4, CWE-444, CWE-770',
    outcome: 'every header is read: 400, 403 and 413 as without the others; a head has 16 KiB',
    tests: [
      [
        'attacks/framing.test.ts',
        'is refused, and its connection ends: %s',
        'a body over the limit is refused, by its length and in chunks',
        'the body of a request that asks for HTTP/2 beside is no request',
        'a page of another site opens no socket',
        'of two tokens none counts',
      ],
    ],
  },
]
