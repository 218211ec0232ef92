import * as z from 'zod/mini'

// The `u` flag counts characters as code points and lets \p{Cs} refuse lone surrogates, which UTF-8
// can't carry: two different ids would become one on disk.

/** A user: 1–255 characters, no control characters. */
export const UserId = z
  .string()
  .check(
    z.regex(
      /^[^\p{Cc}\p{Cs}]{1,255}$/u,
      'a user is 1–255 characters, none of them a control character',
    ),
  )

/** A device of a user: 1–128 of `A-Za-z0-9._:-`. */
export const DeviceId = z
  .string()
  .check(z.regex(/^[A-Za-z0-9._:-]{1,128}$/, 'a device is 1–128 of A-Z a-z 0-9 . _ : -'))

/** What kind of notification it is, for the application: 1–64 of `A-Za-z0-9._-`. */
export const NotificationType = z
  .string()
  .check(z.regex(/^[A-Za-z0-9._-]{1,64}$/, 'a type is 1–64 of A-Z a-z 0-9 . _ -'))

/** What users subscribe to: 1–128 of `A-Za-z0-9._:/-`. */
export const Topic = z
  .string()
  .check(z.regex(/^[A-Za-z0-9._:/-]{1,128}$/, 'a topic is 1–128 of A-Z a-z 0-9 . _ : / -'))

/** Names what a notification is about: of those with one key a user keeps the newest. 1–128 characters. */
export const CollapseKey = z
  .string()
  .check(z.regex(/^[^\p{Cs}]{1,128}$/u, 'a collapse key is 1–128 characters'))

/** A live connection; opaque. */
export const ConnectionId = z
  .string()
  .check(z.regex(/^[A-Za-z0-9_-]{1,64}$/, 'a connection is named as `welcome` named it'))

/** A notification: a UUIDv7 (RFC 9562 §5.7), lower case. */
export const NotificationId = z
  .string()
  .check(
    z.regex(
      /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
      'a notification id is a UUIDv7',
    ),
  )

/** A position in a user's log. */
export const Seq = z.int('a seq is a whole number').check(z.nonnegative('a seq is not negative'))

/** A number of things. */
export const Count = z.int().check(z.nonnegative())

/** One life of a user's log; opaque. */
export const Epoch = z
  .string()
  .check(z.regex(/^[\x21-\x7e]{1,64}$/, 'an epoch is 1–64 visible ASCII characters'))

/** RFC 3339, UTC, with milliseconds. */
export const Timestamp = z.iso.datetime({ precision: 3 })
