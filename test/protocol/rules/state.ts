import type { RuleRow } from './row.js'

/** What users say of entries, and how it follows them from device to device. */
export const STATE_RULES: RuleRow[] = [
  {
    rule: 'S1',
    says: 'what each action sets and clears',
    tests: [
      [
        'http/marks.test.ts',
        'each action sets and clears its own times, and those that go with it',
        '`%s` sets what goes with it, at the same time',
      ],
    ],
  },
  {
    rule: 'S2',
    says: 'the next `seq` for what changes, and for nothing else; the counts with it',
    tests: [
      [
        'http/marks.test.ts',
        'answers what it changed, the counts and where the log stands then',
        'takes no seq for what it does not change, and counts an id once',
      ],
    ],
  },
  {
    rule: 'S3',
    says: 'by `ids`: up to 500, others passed over',
    tests: [
      [
        'http/marks.test.ts',
        'names up to 500',
        'passes over what is not in this inbox, and tells nothing of it',
      ],
      ['http/mark-refusals.test.ts', 'refuses the shape %j'],
    ],
  },
  {
    rule: 'S4',
    says: 'by `upTo`, and `type`',
    tests: [
      [
        'http/marks.test.ts',
        'goes by where the content came, wherever it stands now',
        'of a type leaves those of other types alone',
      ],
    ],
  },
  {
    rule: 'S5',
    says: 'what arrives meanwhile is left alone',
    tests: [
      ['http/marks.test.ts', 'marks hundreds and leaves those unread that arrive meanwhile'],
      ['service/marks.test.ts', 'marks by upTo leave alone what arrives meanwhile'],
    ],
  },
  {
    rule: 'S6',
    says: 'five bulk marks a second',
    tests: [
      [
        'http/marks.test.ts',
        'more than five times a second is refused for one user, and for no other',
      ],
      [
        'service/marks.test.ts',
        'more than five bulk marks a second are refused, and the connection goes on',
      ],
    ],
  },
  {
    rule: 'S7',
    says: 'to every device, now or when it comes back',
    tests: [
      [
        'service/marks.test.ts',
        "read on the phone, the laptop's badge and entry change at once, and a tablet that was off hears of it when it comes back",
      ],
    ],
  },
  {
    rule: 'S8',
    says: 'over REST alike, for users and for services',
    tests: [
      ['http/mark-refusals.test.ts', 'asks for the epoch of `upTo`, and refuses another'],
      ['http/users.test.ts', 'a service reads and marks an inbox as its user does'],
    ],
  },
]
