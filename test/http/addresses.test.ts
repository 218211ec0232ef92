import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { expect, test } from 'vitest'
import { Addresses } from '../../src/http/addresses.js'

/** The address that a request counts for, from this peer, with these `X-Forwarded-For`. */
function addressOf(
  peer: string | undefined,
  forwarded: string | undefined,
  trusted: readonly string[] = ['10.0.0.0/8', '2001:db8:ffff::/48', '127.0.0.1'],
): string | undefined {
  const socket = new Socket()
  Object.defineProperty(socket, 'remoteAddress', { value: peer })
  const request = new IncomingMessage(socket)
  if (forwarded !== undefined) request.headers['x-forwarded-for'] = forwarded
  return new Addresses(trusted).of(request)
}

test.each([
  // Who connects itself is who it is, whatever it says.
  ['203.0.113.9', undefined, '203.0.113.9'],
  ['203.0.113.9', '198.51.100.1', '203.0.113.9'],
  ['203.0.113.9', '127.0.0.1', '203.0.113.9'],
  // A trusted proxy is believed, …
  ['10.0.0.1', '198.51.100.1', '198.51.100.1'],
  ['10.255.255.255', '198.51.100.1', '198.51.100.1'],
  ['11.0.0.1', '198.51.100.1', '11.0.0.1'],
  // … as far as it goes: what the caller wrote itself stands further left.
  ['10.0.0.1', '1.1.1.1, 198.51.100.1', '198.51.100.1'],
  ['10.0.0.1', '10.0.0.7, 198.51.100.1', '198.51.100.1'],
  ['10.0.0.1', '127.0.0.1, 198.51.100.1', '198.51.100.1'],
  ['10.0.0.1', '1.1.1.1, 198.51.100.1, 10.0.0.2,10.0.0.3', '198.51.100.1'],
  ['10.0.0.1', '198.51.100.1, 2001:db8:ffff::5', '198.51.100.1'],
  // Nobody but proxies: the outermost.
  ['10.0.0.1', '10.0.0.3, 10.0.0.2', '10.0.0.3'],
  ['10.0.0.1', undefined, '10.0.0.1'],
  // What is no address is not believed, nor anything left of it.
  ['10.0.0.1', '', '10.0.0.1'],
  ['10.0.0.1', 'unknown', '10.0.0.1'],
  ['10.0.0.1', '198.51.100.1, unknown', '10.0.0.1'],
  ['10.0.0.1', '198.51.100.1,', '10.0.0.1'],
  ['10.0.0.1', '198.51.100.1, 10.0.0.2, _hidden, 10.0.0.3', '10.0.0.3'],
  ['10.0.0.1', '198.51.100.1 198.51.100.2', '10.0.0.1'],
  ['10.0.0.1', '198.51.100.256', '10.0.0.1'],
  ['10.0.0.1', '0x7f.1', '10.0.0.1'],
  ['10.0.0.1', '198.51.100.1, 1.2.3.4:99999999', '10.0.0.1'],
  // Some proxies write the port.
  ['10.0.0.1', '198.51.100.1:51234', '198.51.100.1'],
  ['10.0.0.1', '[2001:db8::9]:51234', '2001:db8:0:0::/64'],
  // IPv4 in IPv6 is IPv4, on either side.
  ['::ffff:203.0.113.9', undefined, '203.0.113.9'],
  ['::ffff:10.0.0.1', '198.51.100.1', '198.51.100.1'],
  ['::ffff:a00:1', '::ffff:c633:6401', '198.51.100.1'],
  // A /64 is one household.
  ['2001:db8:1:2:3:4:5:6', undefined, '2001:db8:1:2::/64'],
  ['2001:db8:1:2::6', undefined, '2001:db8:1:2::/64'],
  ['2001:DB8:1:2:ffff::', undefined, '2001:db8:1:2::/64'],
  ['2001:db8::6', undefined, '2001:db8:0:0::/64'],
  ['::2', undefined, '0:0:0:0::/64'],
  ['fe80::1%eth0', undefined, 'fe80:0:0:0::/64'],
  ['2001:db8:ffff::1', '2001:db8:1:2::6', '2001:db8:1:2::/64'],
  // This machine counts for nobody, …
  ['::1', undefined, undefined],
  ['127.0.0.2', '198.51.100.1', undefined],
  ['::ffff:127.0.0.3', undefined, undefined],
  // … unless it is a proxy, and only where it is who connects.
  ['127.0.0.1', '198.51.100.1', '198.51.100.1'],
  ['::ffff:127.0.0.1', '198.51.100.1', '198.51.100.1'],
  ['127.0.0.1', undefined, '127.0.0.1'],
  ['127.0.0.1', '::1', '0:0:0:0::/64'],
  // A peer that has hung up is nobody in particular.
  [undefined, '198.51.100.1', 'unknown'],
])('from %s, forwarded for %s, a request counts for %s', (peer, forwarded, address) => {
  expect(addressOf(peer, forwarded)).toBe(address)
})

test('believes nobody where no proxy is named', () => {
  expect(addressOf('10.0.0.1', '198.51.100.1', [])).toBe('10.0.0.1')
  expect(addressOf('127.0.0.1', '198.51.100.1', [])).toBeUndefined()
})

test('takes an address as it was meant, however it is written', () => {
  expect(addressOf('10.0.0.1', '198.51.100.1', ['::ffff:10.0.0.1'])).toBe('198.51.100.1')
  expect(addressOf('2001:db8::1', '198.51.100.1', ['2001:0DB8:0::1'])).toBe('198.51.100.1')
})
