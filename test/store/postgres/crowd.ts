import { ask } from './files.js'

/** Rows of each table, so many that to walk through one costs more than to look into its indexes. */
const ROWS = `
  INSERT INTO users (name, life, latest, entries)
    SELECT 'user ' || n, 1, 60, 60 FROM generate_series(1, 20000) AS n;
  INSERT INTO notifications (uuid, issuer, subject, content, type, created_at, accepted_at, status, total, stored, collapse_key)
    SELECT gen_random_uuid(), '', 'shop', '{"type":"order"}', 'order', n, n, 'stored', 6, 6,
      CASE WHEN n % 4 = 0 THEN 'k' || n % 50 END
    FROM generate_series(1, 30000) AS n;
  INSERT INTO inbox (user_id, seq, arrived_seq, notification, moved_at, expires_at, collapse_key, read_at)
    SELECT n % 3000 + 1, n / 3000 + 1, n / 3000 + 1, n / 6 + 1, n,
      CASE WHEN n % 3 = 0 THEN 2000000000000 + n END,
      CASE WHEN n % 4 = 0 THEN 'k' || n END, CASE WHEN n % 2 = 0 THEN n END
    FROM generate_series(1, 170000) AS n;
  INSERT INTO devices (user_id, name, cursor, created_at, last_seen_at)
    SELECT n % 3000 + 1, 'device ' || n, 30, n, n FROM generate_series(1, 6000) AS n;
  INSERT INTO deliveries (notification, device, delivered_at)
    SELECT n / 5 + 1, n % 5 * 1000 + n % 1000, n FROM generate_series(1, 120000) AS n;
  INSERT INTO outcomes (notification, user_id, outcome)
    SELECT n / 3 + 1, n % 3000 + 1, 'replaced' FROM generate_series(1, 60000) AS n;
  INSERT INTO idempotency_keys (issuer, subject, key, fingerprint, receipt, expires_at)
    SELECT '', 'shop', n, 'a', '{}', n FROM generate_series(1, 20000) AS n;
  INSERT INTO scheduled (uuid, issuer, subject, content, type, created_at, due_at, target)
    SELECT gen_random_uuid(), '', 'shop', '{}', 'order', n, 2000000000000 + n, 'users'
    FROM generate_series(1, 10000) AS n;
  INSERT INTO scheduled_users (scheduled, name)
    SELECT n / 3 + 1, 'user ' || n FROM generate_series(1, 29000) AS n;
  INSERT INTO subscriptions (topic, user_id, own, created_at)
    SELECT 'topic ' || n % 17, n % 3000 + 1, true, n FROM generate_series(1, 40000) AS n
    ON CONFLICT DO NOTHING;
  INSERT INTO revocations (kind, name, time)
    SELECT CASE WHEN n % 2 = 0 THEN 'user' ELSE 'token' END, n, 2000000000000 + n
    FROM generate_series(1, 10000) AS n;
  INSERT INTO nodes (life, alive_until) SELECT n, 'infinity' FROM generate_series(1, 3) AS n;
  INSERT INTO presence (connection, life, user_name, device, connected_at, heard_at)
    SELECT n, n % 3 + 1, 'user ' || n % 3000, 'phone', n, n FROM generate_series(1, 20000) AS n;
  INSERT INTO orders (node, content) SELECT 'one', '{}' FROM generate_series(1, 10000);`

const TABLES = [...ROWS.matchAll(/INSERT INTO (\w+)/g)].map(([, table]) => table ?? '')

/**
 * Fills a database with many users and what they have; with statistics, or with those that say that there is nothing, as on one that has
 * just been filled.
 */
export async function fillWithCrowd(url: string, { analysed }: { analysed: boolean }) {
  const quiet = TABLES.map((table) => `ALTER TABLE ${table} SET (autovacuum_enabled = off);`)
  await ask(url, `${quiet.join('')} ANALYZE; ${ROWS} ${analysed ? 'ANALYZE' : ''}`)
}
