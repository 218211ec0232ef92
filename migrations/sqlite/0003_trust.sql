-- Tokens that are believed no more. What they name is kept as a hash: a revocation outlives the user whom it is about.
CREATE TABLE revocations (
  -- Grows with each change: whoever has read up to one asks for those after it.
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL CHECK (kind IN ('token', 'user')),
  -- Of the token's `jti`, or of the user's name.
  name TEXT NOT NULL,
  -- Of a token: when it has expired, and need not be remembered. Of a user: tokens from before are revoked.
  time INTEGER NOT NULL,
  UNIQUE (kind, name)
) STRICT;
CREATE INDEX revocations_of_tokens ON revocations (time) WHERE kind = 'token';

-- Whether this file was made by a backup and not yet opened by a service, which then draws another epoch: positions that clients
-- took from the original beyond the copy's end mean nothing here.
ALTER TABLE meta ADD COLUMN is_copy INTEGER NOT NULL DEFAULT 0;
