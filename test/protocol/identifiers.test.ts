import { describe, expect, test } from 'vitest'
import {
  DeviceId,
  Epoch,
  NotificationId,
  NotificationType,
  Seq,
  Timestamp,
  UserId,
} from '../../src/protocol/identifiers.js'

const LONE_SURROGATE = '\ud83d'
const ID = '01890a5d-ac96-774b-bcce-b302099a8057'

describe('a user', () => {
  test.each([
    'u',
    'x'.repeat(255),
    '😀'.repeat(255),
    'name with spaces',
    'ユーザー',
    '__proto__',
    'a/b?c#d%00',
    '\u200d',
  ])('may be %j', (text) => {
    expect(UserId.safeParse(text).success).toBe(true)
  })

  test.each([
    '',
    'x'.repeat(256),
    '😀'.repeat(256),
    '\u0000',
    'line\nbreak',
    'line break at the end\n',
    'delete\u007f',
    'next line\u0085',
    LONE_SURROGATE,
    `${LONE_SURROGATE}x`,
    '\ude00\ud83d',
  ])('may not be %j', (text) => {
    expect(UserId.safeParse(text).success).toBe(false)
  })

  test.each([1, null, undefined, {}, ['u']])('may not be %j, which is no text', (value) => {
    expect(UserId.safeParse(value).success).toBe(false)
  })
})

describe('a device', () => {
  test.each(['d', 'AZaz09._:-', 'x'.repeat(128)])('may be %j', (text) => {
    expect(DeviceId.safeParse(text).success).toBe(true)
  })

  test.each(['', 'x'.repeat(129), 'a b', 'a/b', 'a\n', 'ä', 'a,b', '\u0000'])(
    'may not be %j',
    (text) => {
      expect(DeviceId.safeParse(text).success).toBe(false)
    },
  )
})

describe('a type', () => {
  test.each(['t', 'order.shipped', 'AZaz09._-', 'x'.repeat(64)])('may be %j', (text) => {
    expect(NotificationType.safeParse(text).success).toBe(true)
  })

  test.each(['', 'x'.repeat(65), 'a b', 'a:b', 'a/b', 'a\n', 'é'])('may not be %j', (text) => {
    expect(NotificationType.safeParse(text).success).toBe(false)
  })
})

describe('a notification id', () => {
  test('may be a UUIDv7 in lower case', () => {
    expect(NotificationId.safeParse(ID).success).toBe(true)
  })

  test.each([
    ID.toUpperCase(),
    ID.replace('-774b', '-474b'),
    ID.replace('-bcce', '-ccce'),
    `${ID}0`,
    ` ${ID}`,
    `${ID}\n`,
    ID.replaceAll('-', ''),
    `{${ID}}`,
    '',
  ])('may not be %j', (text) => {
    expect(NotificationId.safeParse(text).success).toBe(false)
  })
})

describe('a seq', () => {
  test.each([0, 1, Number.MAX_SAFE_INTEGER])('may be %d', (value) => {
    expect(Seq.safeParse(value).success).toBe(true)
  })

  test.each([-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, '1', null])(
    'may not be %j',
    (value) => {
      expect(Seq.safeParse(value).success).toBe(false)
    },
  )
})

describe('an epoch', () => {
  test.each(['e', '0f2c.0', '~'.repeat(64)])('may be %j', (text) => {
    expect(Epoch.safeParse(text).success).toBe(true)
  })

  test.each(['', 'x'.repeat(65), 'a b', 'a\n', 'é', '\u007f'])('may not be %j', (text) => {
    expect(Epoch.safeParse(text).success).toBe(false)
  })
})

describe('a timestamp', () => {
  test('is what a Date writes: RFC 3339, UTC, with milliseconds', () => {
    expect(Timestamp.safeParse(new Date(0).toISOString()).success).toBe(true)
  })

  test.each([
    '2026-11-22T10:00:00Z',
    '2026-11-22T10:00:00.1Z',
    '2026-11-22T10:00:00.123456Z',
    '2026-11-22T10:00:00.123+01:00',
    '2026-11-22 10:00:00.123Z',
    '2026-02-30T10:00:00.123Z',
  ])('is not %j', (text) => {
    expect(Timestamp.safeParse(text).success).toBe(false)
  })
})
