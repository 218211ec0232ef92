/** One table of the log, and how its rows come from SQLite to PostgreSQL. */
export interface MovedTable {
  name: string
  /** Columns of SQLite in the order of which rows are copied: its primary key. */
  key: readonly string[]
  columns: readonly MovedColumn[]
  /** Whether ids are drawn for its rows. */
  drawsIds: boolean
}

interface MovedColumn {
  name: string
  type: 'bigint' | 'text' | 'uuid' | 'boolean'
  /** The expression that gives it in SQLite. */
  from: string
  /** Whether it is held in the form of `storable`, as the store holds it. */
  isEscaped?: boolean
}

const whole = (name: string, from = name): MovedColumn => ({ name, type: 'bigint', from })
const text = (name: string, from = name): MovedColumn => ({ name, type: 'text', from })
const escaped = (name: string): MovedColumn => ({ ...text(name), isEscaped: true })
const uuid: MovedColumn = { name: 'uuid', type: 'uuid', from: 'uuid' }
const user = whole('user_id', 'user')
/** PostgreSQL itself can't read a JSON text that names U+0000. */
const type = text('type', "content ->> '$.type'")

/** All that makes up a log; what belongs to running services alone does not. `scheduled` stands before what refers to it. */
export const MOVED_TABLES: readonly MovedTable[] = [
  {
    name: 'users',
    key: ['id'],
    columns: [
      whole('id'),
      text('name'),
      ...['life', 'latest', 'horizon', 'unread', 'unseen', 'entries', 'tombstones'].map((name) =>
        whole(name),
      ),
    ],
    drawsIds: true,
  },
  {
    name: 'notifications',
    key: ['id'],
    columns: [
      whole('id'),
      uuid,
      escaped('issuer'),
      escaped('subject'),
      text('content'),
      type,
      whole('created_at'),
      whole('accepted_at'),
      whole('expires_at'),
      escaped('collapse_key'),
      text('status'),
      whole('total'),
      whole('stored'),
    ],
    drawsIds: true,
  },
  {
    name: 'inbox',
    key: ['user', 'seq'],
    columns: [
      user,
      whole('seq'),
      whole('arrived_seq'),
      whole('notification'),
      whole('seen_at'),
      whole('read_at'),
      whole('archived_at'),
      text('removed'),
      whole('moved_at'),
      whole('expires_at'),
      escaped('collapse_key'),
    ],
    drawsIds: false,
  },
  {
    name: 'devices',
    key: ['id'],
    columns: [
      whole('id'),
      user,
      text('name'),
      whole('cursor'),
      whole('created_at'),
      whole('last_seen_at'),
    ],
    drawsIds: true,
  },
  {
    name: 'deliveries',
    key: ['notification', 'device'],
    columns: [whole('notification'), whole('device'), whole('delivered_at')],
    drawsIds: false,
  },
  {
    name: 'outcomes',
    key: ['notification', 'user'],
    columns: [whole('notification'), user, text('outcome'), whole('seen_at'), whole('read_at')],
    drawsIds: false,
  },
  {
    name: 'idempotency_keys',
    key: ['issuer', 'subject', 'key'],
    columns: [
      escaped('issuer'),
      escaped('subject'),
      escaped('key'),
      text('fingerprint'),
      text('receipt'),
      whole('expires_at'),
    ],
    drawsIds: false,
  },
  {
    name: 'scheduled',
    key: ['id'],
    columns: [
      whole('id'),
      uuid,
      escaped('issuer'),
      escaped('subject'),
      text('content'),
      type,
      whole('created_at'),
      whole('due_at'),
      whole('expires_at'),
      escaped('collapse_key'),
      text('target'),
      text('topic'),
    ],
    drawsIds: true,
  },
  {
    name: 'scheduled_users',
    key: ['scheduled', 'name'],
    columns: [whole('scheduled'), text('name')],
    drawsIds: false,
  },
  {
    name: 'subscriptions',
    key: ['id'],
    columns: [
      whole('id'),
      text('topic'),
      user,
      { name: 'own', type: 'boolean', from: 'own' },
      whole('created_at'),
    ],
    drawsIds: true,
  },
  {
    name: 'fan_outs',
    key: ['notification'],
    columns: [
      whole('notification'),
      text('work'),
      text('topic'),
      whole('place'),
      whole('last'),
      whole('turn'),
    ],
    drawsIds: false,
  },
  { name: 'erasures', key: ['user'], columns: [user], drawsIds: false },
  {
    name: 'revocations',
    key: ['id'],
    columns: [whole('id'), text('kind'), text('name'), whole('time')],
    drawsIds: true,
  },
]
