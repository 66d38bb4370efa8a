// The doors for what a courier brought. With a server at work its doors are used, since the evaluator and the order of cosigning are its own; without one they
// are opened for the while.
import { openAnswering } from './answering.ts'
import { ownDoor, type CourierDoor } from './courier.ts'
import type { Home } from './home.ts'
import { overWire } from './peer/cosigning.ts'
import { postMessage } from './peer/exchange.ts'
import { servedAt } from './served.ts'

export async function withCourierDoor<T>(home: Home, act: (door: CourierDoor) => Promise<T>): Promise<T> {
  const url = await servedAt(home.register.dataDir)
  if (url !== undefined) {
    return act({
      witness: overWire(url, 'witness', undefined), reader: overWire(url, 'reader', undefined),
      message: async ({ joined }, envelope) => {
        const { status, body } = await postMessage(url, joined.agreement.id, envelope)
        return { status, body: body.toString('utf8') }
      },
    })
  }
  const answering = await openAnswering(home)
  try {
    return await act(ownDoor(home, answering.message))
  } finally {
    await answering.close()
  }
}
