import type {
  ConnectionList,
  DisconnectRequest,
  DisconnectResult,
} from '../../protocol/connections.js'
import type { DeviceList } from '../../protocol/devices.js'
import { encodePage } from '../query.js'
import { DEVICE, INBOX_COUNTS } from './examples.js'

const CONNECTED_AT = '2026-11-22T09:58:12.040Z'
const CONNECTION = 'm3kZ0c1v9QbXyT2e'

export const DEVICES = {
  items: [
    {
      device: DEVICE,
      cursor: INBOX_COUNTS.latest,
      latest: INBOX_COUNTS.latest,
      online: true,
      createdAt: '2026-10-02T07:14:55.310Z',
      lastSeenAt: CONNECTED_AT,
    },
    {
      device: 'tablet',
      cursor: 1031,
      latest: INBOX_COUNTS.latest,
      online: false,
      createdAt: '2026-10-19T18:30:01.772Z',
      lastSeenAt: '2026-11-17T20:41:09.118Z',
    },
  ],
  nextPage: null,
} satisfies DeviceList

export const DEVICES_PAGE = encodePage({ after: 12 })

export const CONNECTIONS = {
  items: [
    {
      connection: CONNECTION,
      device: DEVICE,
      connectedAt: CONNECTED_AT,
      heardAt: '2026-11-22T10:00:02.471Z',
    },
  ],
  nextPage: null,
} satisfies ConnectionList

export const CONNECTIONS_PAGE = encodePage({
  connectedAt: Date.parse(CONNECTED_AT),
  connection: CONNECTION,
})

export const DISCONNECT_ALL = {} satisfies DisconnectRequest

export const DISCONNECT_DEVICE = { device: DEVICE, reconnect: false } satisfies DisconnectRequest

export const DISCONNECTED = { closed: 1 } satisfies DisconnectResult
