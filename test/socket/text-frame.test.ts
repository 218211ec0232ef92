import { once } from 'node:events'
import { createServer } from 'node:http'
import { expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { frameStart, textFrame } from '../../src/socket/text-frame.js'

test.each([
  ['no text', ''],
  ['the longest whose length takes one byte', 'x'.repeat(125)],
  ['the shortest whose length takes two bytes more', 'x'.repeat(126)],
  ['the longest whose length takes two bytes more', 'x'.repeat(65_535)],
  ['the shortest whose length takes eight bytes more', 'x'.repeat(65_536)],
  ['characters of several bytes', 'ä€😀'.repeat(50)],
])('a client reads %s, and what comes after it', async (_what, text) => {
  const server = createServer()
  const upgrader = new WebSocketServer({ noServer: true })
  server.on('upgrade', (request, socket, head) => {
    upgrader.handleUpgrade(request, socket, head, (webSocket) => {
      socket.write(textFrame(text))
      webSocket.send('after it')
      socket.write(frameStart(Buffer.byteLength(text)))
      socket.write(text)
      webSocket.close()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  const client = new WebSocket(`ws://127.0.0.1:${port}`)
  const received: string[] = []
  client.on('message', (data: Buffer) => received.push(data.toString()))
  await once(client, 'close')
  server.close()
  expect(received).toEqual([text, 'after it', text])
})
