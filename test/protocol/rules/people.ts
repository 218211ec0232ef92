import type { RuleRow } from './row.js'

const EPHEMERALS = 'service/ephemerals.test.ts'
const DEVICES = 'http/devices.test.ts'
const PEOPLE = 'http/people.test.ts'
const ERASURE = 'store/erasures.ts'

/** Ephemerals; users, their devices and connections. */
export const PEOPLE_RULES: RuleRow[] = [
  {
    rule: 'E1',
    says: 'ttl 0: sent, and kept nowhere',
    tests: [[EPHEMERALS, 'an ephemeral reaches who is connected, and is kept nowhere']],
  },
  {
    rule: 'E2',
    says: 'whom an ephemeral is for',
    tests: [
      [
        EPHEMERALS,
        'an ephemeral is for users, one device, one connection, or everyone',
        'an ephemeral to a topic reaches those who are subscribed and connected',
      ],
      [
        'socket/live-connections.test.ts',
        'delivers to users, to a device, to a connection, and to everyone, and to no other',
      ],
    ],
  },
  {
    rule: 'E3',
    says: 'outside the log and the window, dropped where the buffer is full',
    tests: [
      [
        'socket/session-ephemeral.test.ts',
        'an ephemeral takes no room in a full window, and no acknowledgement is due for it',
        'an ephemeral is dropped where the buffer is above the high-water mark, and comes where it is not',
        'an ephemeral reaches no connection before its welcome, nor after its end',
      ],
    ],
  },
  {
    rule: 'E4',
    says: '`recipients` of an ephemeral',
    tests: [
      [
        EPHEMERALS,
        'an ephemeral is for users, one device, one connection, or everyone',
        'an ephemeral to a topic reaches those who are subscribed and connected',
      ],
    ],
  },
  {
    rule: 'E5',
    says: 'a retry is not sent again',
    tests: [
      [
        EPHEMERALS,
        'an ephemeral with a key is sent once: a retry has the first answer, also after a restart',
      ],
    ],
  },
  {
    rule: 'U1',
    says: 'the list of devices',
    tests: [
      [
        DEVICES,
        'lists the devices of a user, for the user and for services alike',
        'a device was last seen when its connection ended',
      ],
    ],
  },
  {
    rule: 'U2',
    says: 'a removed device: 4410, and new when it comes again',
    tests: [
      [
        DEVICES,
        'a removed device is gone, and new when it connects again',
        'a service removes a device of a user, and no other',
      ],
      [
        'socket/live-sessions.test.ts',
        'ends a session whose device is removed while it is being opened',
      ],
    ],
  },
  {
    rule: 'U3',
    says: 'the claim `device`',
    tests: [[DEVICES, 'a token that serves one device lists and removes that one alone']],
  },
  {
    rule: 'U4',
    says: '`MAX_DEVICES_PER_USER`',
    tests: [
      [
        DEVICES,
        'one device more than allowed makes the one go that was seen least recently, and is not connected',
      ],
    ],
  },
  {
    rule: 'U5',
    says: 'devices that were not seen for long',
    tests: [
      [
        'inbox/device-retention.test.ts',
        'devices that were not seen for the retention time go with what was delivered to them; one that is connected stays',
      ],
    ],
  },
  {
    rule: 'U6',
    says: 'the list of connections',
    tests: [[PEOPLE, 'lists the connections of a user, the oldest first, page by page']],
  },
  {
    rule: 'U7',
    says: 'disconnect: 1012, or 4403',
    tests: [
      [
        PEOPLE,
        'disconnects all, a device, or one connection, which close 1012 without an error',
        'disconnects for good: 4403, after an error that says so',
      ],
    ],
  },
  {
    rule: 'U8',
    says: '`MAX_CONNECTIONS_PER_USER`: 4409',
    tests: [
      [
        PEOPLE,
        'one connection more than allowed closes another 4409: of the same device first, and the one silent longest',
      ],
      [
        'socket/live-connections.test.ts',
        'a user with too many loses the one that was silent longest, of the same device first, and never the new one',
      ],
    ],
  },
  {
    rule: 'U9',
    says: 'nothing is left of a user who was erased',
    tests: [
      [
        ERASURE,
        'no row of the database holds the id or the content of a user who was erased; what others were sent stays',
        'between two steps of an erasure nobody is told of the user',
        'an erasure that is asked for again is answered when nothing is left',
      ],
      [PEOPLE, 'to erase one of whom nobody has heard is answered likewise'],
    ],
  },
  {
    rule: 'U10',
    says: '4403, and another life',
    tests: [
      [
        PEOPLE,
        'an erased user is gone: sockets close 4403, and another life begins at another epoch',
      ],
      [
        'socket/live-sessions.test.ts',
        'an erasure ends a session that is being opened in the life that has ended, and none of the next',
      ],
      [
        'store/contract/people.ts',
        'U11: what was under way in the former life changes nothing',
        'U9: an erased user is gone at the first step, and another life begins at another epoch',
      ],
    ],
  },
  {
    rule: 'U11',
    says: 'an erasure goes on after a crash',
    tests: [
      [ERASURE, 'an erasure that was cut off after its first step is finished after a start'],
    ],
  },
]
