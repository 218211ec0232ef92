import type { RuleRow } from './row.js'

const KILLED =
  'a fan-out to 100,000 subscribers that is killed twice half-way reaches each exactly once'

/** What users are subscribed to, and how it reaches them. */
export const TOPIC_RULES: RuleRow[] = [
  {
    rule: 'N1',
    says: 'the name of a topic, and how it stands in a path',
    tests: [
      [
        'http/topics.test.ts',
        'name the topic %j by percent-encoding, and no other',
        'that no topic can have, or no path can hold, are not found: %j',
        'that no user can have, or no path can hold, are not found: %j',
      ],
      ['store/contract/topics.ts', 'T9: topics whose names differ at all are different topics'],
    ],
  },
  {
    rule: 'N2',
    says: 'services subscribe users, one by one or many at once',
    tests: [
      [
        'http/topics.test.ts',
        'is put, listed and taken away, each answered 204 however often',
        'are added and removed at once, each counted once, and only where that changes something',
        'are up to 1,000 together',
        'are refused where one is to be added and removed, and then nothing changes',
        'may %s %s',
      ],
    ],
  },
  {
    rule: 'N3',
    says: 'a subscription makes a user, and its end does not',
    tests: [
      [
        'http/topics.test.ts',
        'who is not known is made by a subscription, and not by the end of one',
      ],
      [
        'store/contract/topics.ts',
        'T5: who is not known is made by a subscription, and by nothing else',
      ],
    ],
  },
  {
    rule: 'N4',
    says: 'the claim `topics`, and what its patterns allow',
    tests: [
      ['auth/topics.test.ts', '%s allows %s', '%s does not allow %s'],
      ['auth/claims.test.ts', 'of %j are the patterns %j'],
    ],
  },
  {
    rule: 'N5',
    says: 'another form is no valid token; no claim, no topic',
    tests: [
      ['service/topics.test.ts', 'a token whose `topics` are no patterns is refused'],
      ['auth/topics.test.ts', 'is needed: none allows nothing'],
    ],
  },
  {
    rule: 'N6',
    says: 'what the token of now leaves out',
    tests: [
      [
        'service/topics.test.ts',
        'a token without `topics` allows none, and a fresh one allows its own',
      ],
      [
        'socket/session-topics.test.ts',
        'goes by the fresh token once that is taken, and no more by the former',
      ],
    ],
  },
  {
    rule: 'N7',
    says: 'so many topics of its own',
    tests: [
      [
        'service/topics.test.ts',
        'more topics of its own than it may have are refused, and the connection goes on',
      ],
      [
        'store/contract/topics.ts',
        'T2: a subscription that is there stays as it is, whoever asks again',
        'T3: a user has at most so many topics of its own; what services subscribed it to takes no place',
        'T3: of subscriptions that come at once no more are taken than there are places',
      ],
    ],
  },
  {
    rule: 'N8',
    says: 'the end of a subscription, whoever made it',
    tests: [
      [
        'service/topics.test.ts',
        'what a user subscribes to reaches its devices, until it unsubscribes',
        'more topics of its own than it may have are refused, and the connection goes on',
      ],
    ],
  },
  {
    rule: 'N9',
    says: 'whom a send to many means',
    tests: [
      [
        'store/contract/fan-outs.ts',
        'N2: it means those who are subscribed when it is accepted, and still so when reached',
        'N2: where the last who was meant has left, those who came later are not reached in its place',
        'N2: one that is made after a send to everyone is not reached',
        'N2: of a scheduled one, those who are subscribed when it fires',
      ],
    ],
  },
  {
    rule: 'N10',
    says: 'in chunks, in turns, each once, whatever happens',
    tests: [
      ['service/fan-out-kill.test.ts', KILLED],
      [
        'store/contract/fan-outs.ts',
        'N3: it shows how far it is, and that it is done',
        'N5: fan-outs take turns, so that a small one need not wait for a large one',
        'N6: what is sent between chunks takes the next seq, in the order of each log',
      ],
    ],
  },
  {
    rule: 'N11',
    says: 'a newer one of the collapse key stays',
    tests: [
      [
        'store/contract/fan-outs.ts',
        'N7: where a newer one of its collapse key stands it stores nothing, and is `replaced` there',
        'N7: of two fan-outs with one key the one that was accepted later stays, whichever comes first',
      ],
    ],
  },
  {
    rule: 'N12',
    says: 'to everyone by posthorn:broadcast',
    tests: [
      [
        'http/topics.test.ts',
        'needs posthorn:broadcast as well as posthorn:send',
        'is refused alone of its batch',
      ],
    ],
  },
  {
    rule: 'N13',
    says: '`subscribe` and `unsubscribe`: done, then answered',
    tests: [
      [
        'service/topics.test.ts',
        'what a user subscribes to reaches its devices, until it unsubscribes',
        'a subscription that was answered is there after a restart',
      ],
      [
        'socket/session-topics.test.ts',
        'asks in the life of the welcome, and is answered once that is done',
      ],
    ],
  },
  {
    rule: 'N14',
    says: 'a refused topic ends nothing',
    tests: [
      [
        'socket/session-topics.test.ts',
        'of a topic that the token leaves out is refused, and the connection goes on',
        'that fails with %s is told so, and closes with %s',
      ],
    ],
  },
]
