// Who begins to speak and does not go on is cut off by the clock, whatever was sent so far.
import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { after, before, test } from 'node:test'
import { oneRegistry, type One } from '../federation/one.ts'
import { DRILL } from '../federation/two.ts'

let one: One
let url = ''
before(async () => {
  one = await oneRegistry()
  url = (await one.serve()).url
})
after(() => one.remove())

/** What came back, and after how many seconds the connection was closed. `drip`: a byte sent each second. */
function until(bytes: string, drip?: string): Promise<{ readonly said: string, readonly seconds: number }> {
  return new Promise((resolve) => {
    const began = performance.now()
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    let said = ''
    const timer = setInterval(() => { if (drip !== undefined) socket.write(drip) }, 1000)
    socket.setEncoding('latin1').on('data', (text: string) => { said += text }).on('error', () => undefined).on('close', () => {
      clearInterval(timer)
      resolve({ said, seconds: (performance.now() - began) / 1000 })
    })
    socket.write(bytes)
  })
}

test('headers and bodies that stand still, or come a byte a second, end within their time, and others are answered all the while', async () => {
  const envelope = `POST /message/${DRILL} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n{`
  const slow = Promise.all([until('GET /health HTTP/1.1\r\nHost: x\r\n'), until('GET /health HTTP/1.1\r\nX: ', 'a'), until(envelope), until(envelope, ' ')])
  for (let i = 0; i < 5; i++) assert.equal((await fetch(`${url}/health`)).status, 200)
  const [still, dripping, body, drippingBody] = await slow
  for (const { seconds } of [still, dripping]) assert.ok(seconds > 10 && seconds < 30, `headers: ${seconds}`)
  for (const { seconds } of [body, drippingBody]) assert.ok(seconds > 50 && seconds < 80, `body: ${seconds}`)
  for (const { said } of [still, dripping, body, drippingBody]) assert.ok(said === '' || said.startsWith('HTTP/1.1 408'), said.slice(0, 60))
})
