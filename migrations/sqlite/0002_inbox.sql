-- The rest of the inbox: what ends, what is replaced or taken back, what is sent later and to many, and what became of it.

-- How many rows of the inbox a user has: what is alive, and tombstones.
ALTER TABLE users ADD COLUMN entries INTEGER NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN tombstones INTEGER NOT NULL DEFAULT 0;
UPDATE users SET
  entries = (SELECT count(*) FROM inbox WHERE inbox.user = users.id AND removed IS NULL),
  tombstones = (SELECT count(*) FROM inbox WHERE inbox.user = users.id AND removed IS NOT NULL);

-- `moved_at` is the time of an entry's latest change: what it is too old by. The other two stand here again, beside the
-- notification's, because they are looked for by user, and swept by time.
ALTER TABLE inbox ADD COLUMN moved_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE inbox ADD COLUMN expires_at INTEGER;
ALTER TABLE inbox ADD COLUMN collapse_key TEXT;
UPDATE inbox SET moved_at = max(
  (SELECT created_at FROM notifications WHERE notifications.id = inbox.notification),
  ifnull(seen_at, 0), ifnull(read_at, 0), ifnull(archived_at, 0));
CREATE INDEX inbox_by_expiry ON inbox (expires_at) WHERE expires_at IS NOT NULL AND removed IS NULL;
-- One place for each key of a user: its entry, or the tombstone of the last one that had it.
CREATE UNIQUE INDEX inbox_by_collapse_key ON inbox (user, collapse_key) WHERE collapse_key IS NOT NULL;

-- A notification's id is its place in the order of acceptance, or of firing where it was scheduled: of two with one
-- collapse key the higher is the newer. `accepted_at` is that time; `created_at` is when the service sent it.
ALTER TABLE notifications ADD COLUMN status TEXT NOT NULL DEFAULT 'stored'
  CHECK (status IN ('stored', 'fanning_out', 'recalled'));
ALTER TABLE notifications ADD COLUMN accepted_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE notifications ADD COLUMN expires_at INTEGER;
ALTER TABLE notifications ADD COLUMN collapse_key TEXT;
UPDATE notifications SET accepted_at = created_at;
-- Those that may be forgotten are found without a look at their contents.
CREATE INDEX notifications_by_acceptance ON notifications (accepted_at);

-- How an entry ended whose row of the inbox is gone, or was never written.
CREATE TABLE outcomes (
  notification INTEGER NOT NULL REFERENCES notifications (id),
  user INTEGER NOT NULL REFERENCES users (id),
  outcome TEXT NOT NULL CHECK (outcome IN ('replaced', 'recalled', 'expired', 'removed')),
  seen_at INTEGER,
  read_at INTEGER,
  PRIMARY KEY (notification, user)
) STRICT, WITHOUT ROWID;
CREATE INDEX outcomes_by_user ON outcomes (user);

-- Sent, and not yet due. When its time comes it becomes a notification, and leaves here.
CREATE TABLE scheduled (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  uuid TEXT NOT NULL UNIQUE,
  issuer TEXT NOT NULL,
  subject TEXT NOT NULL,
  content TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  due_at INTEGER NOT NULL,
  expires_at INTEGER,
  collapse_key TEXT,
  target TEXT NOT NULL CHECK (target IN ('users', 'topic', 'everyone')),
  topic TEXT CHECK ((topic IS NOT NULL) = (target = 'topic'))
) STRICT;
CREATE INDEX scheduled_by_time ON scheduled (due_at);
-- By name, since a user may be made by the firing.
CREATE TABLE scheduled_users (
  scheduled INTEGER NOT NULL REFERENCES scheduled (id),
  name TEXT NOT NULL,
  PRIMARY KEY (scheduled, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX scheduled_users_by_name ON scheduled_users (name);

-- `own`: the user subscribed by itself. Ids are never given out again, so that a fan-out knows who came after it.
CREATE TABLE subscriptions (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  topic TEXT NOT NULL,
  user INTEGER NOT NULL REFERENCES users (id),
  own INTEGER NOT NULL CHECK (own IN (0, 1)),
  created_at INTEGER NOT NULL,
  UNIQUE (user, topic)
) STRICT;
CREATE INDEX subscriptions_by_topic ON subscriptions (topic);

-- Work on a notification that is done in chunks: to bring it to many users, or to take it back from them. `place` is the
-- last id that was done, of subscriptions or users; nothing after `last` belongs to it. Whose `turn` is lowest goes next.
CREATE TABLE fan_outs (
  notification INTEGER PRIMARY KEY REFERENCES notifications (id),
  work TEXT NOT NULL CHECK (work IN ('deliver', 'recall')),
  topic TEXT,
  place INTEGER NOT NULL DEFAULT 0,
  last INTEGER NOT NULL,
  turn INTEGER NOT NULL
) STRICT;
CREATE INDEX fan_outs_by_turn ON fan_outs (turn);

-- How many users are known: a send to everyone tells it, and must not count them all.
ALTER TABLE meta ADD COLUMN users INTEGER NOT NULL DEFAULT 0;
UPDATE meta SET users = (SELECT count(*) FROM users);
CREATE TRIGGER user_made AFTER INSERT ON users BEGIN
  UPDATE meta SET users = users + 1;
END;

-- Users who were erased and whose rows are still being taken away; they have no name any more.
CREATE TABLE erasures (
  user INTEGER PRIMARY KEY REFERENCES users (id)
) STRICT;
CREATE TRIGGER user_erased AFTER INSERT ON erasures BEGIN
  UPDATE meta SET users = users - 1;
END;
