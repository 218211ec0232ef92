-- The log: users, their inboxes, their devices. Times are milliseconds since 1970 (UTC).

-- One row: which database this is. A restored copy draws another epoch; each erasure of a user counts on, so that
-- a user who comes back begins another life, and one who was never here needs no row to have an epoch.
CREATE TABLE meta (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  epoch TEXT NOT NULL,
  erasures INTEGER NOT NULL
) STRICT;
INSERT INTO meta (only, epoch, erasures) VALUES (1, lower(hex(randomblob(8))), 0);

-- `latest` is the only source of a user's `seq`; the counts move in the transaction that moves the inbox.
CREATE TABLE users (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE,
  life INTEGER NOT NULL,
  latest INTEGER NOT NULL DEFAULT 0,
  -- Entries up to here may have been removed by retention.
  horizon INTEGER NOT NULL DEFAULT 0,
  unread INTEGER NOT NULL DEFAULT 0,
  unseen INTEGER NOT NULL DEFAULT 0
) STRICT;

-- The content, once, however many users have it.
CREATE TABLE notifications (
  id INTEGER PRIMARY KEY,
  uuid TEXT NOT NULL UNIQUE,
  issuer TEXT NOT NULL,
  subject TEXT NOT NULL,
  -- JSON text: the notification as its users see it, without what is theirs (seq and state).
  content TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  total INTEGER NOT NULL,
  stored INTEGER NOT NULL
) STRICT;

-- Each notification stands once in a user's log, at its latest change; `removed` makes the row a tombstone.
CREATE TABLE inbox (
  user INTEGER NOT NULL REFERENCES users (id),
  seq INTEGER NOT NULL,
  arrived_seq INTEGER NOT NULL,
  notification INTEGER NOT NULL REFERENCES notifications (id),
  seen_at INTEGER,
  read_at INTEGER,
  archived_at INTEGER,
  removed TEXT CHECK (removed IN ('recalled', 'expired')),
  PRIMARY KEY (user, seq)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX inbox_by_arrival ON inbox (user, arrived_seq);
CREATE UNIQUE INDEX inbox_by_notification ON inbox (notification, user);

CREATE TABLE devices (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  user INTEGER NOT NULL REFERENCES users (id),
  name TEXT NOT NULL,
  -- The highest seq that the device has acknowledged; never moves back.
  cursor INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  last_seen_at INTEGER NOT NULL,
  UNIQUE (user, name)
) STRICT;

-- That a device has the content: written when an acknowledgement covers it. `device` is no reference, since what was
-- delivered stays true when the device is gone; device ids are never given out again.
CREATE TABLE deliveries (
  notification INTEGER NOT NULL REFERENCES notifications (id),
  device INTEGER NOT NULL,
  delivered_at INTEGER NOT NULL,
  PRIMARY KEY (notification, device)
) STRICT, WITHOUT ROWID;

-- Written in the transaction of the send that it guards.
CREATE TABLE idempotency_keys (
  issuer TEXT NOT NULL,
  subject TEXT NOT NULL,
  key TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  receipt TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  PRIMARY KEY (issuer, subject, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_keys_by_expiry ON idempotency_keys (expires_at);
