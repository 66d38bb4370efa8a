// One verification in a worker of its own. The worker's code lies in the page as text: a page opened as a file may load nothing else.
import type { Asked, Said } from './law.ts'

/** Where the build puts the worker's code. */
const LAW = 'law'

export type Outcome = Exclude<Said, { readonly share: number }>

/** `shared`: told how much of the work is done, from 0 to 1. Resolves once; a worker that cannot start or breaks is a fault. */
export async function ask(asked: Asked, shared: (share: number) => void): Promise<Outcome> {
  const code = document.getElementById(LAW)?.textContent ?? ''
  const address = URL.createObjectURL(new Blob([code], { type: 'text/javascript' }))
  let worker: Worker | undefined
  try {
    const made = worker = new Worker(address)
    return await new Promise<Outcome>((resolve) => {
      made.onmessage = ({ data }: MessageEvent<Said>) => {
        if ('share' in data) shared(data.share)
        else resolve(data)
      }
      made.onerror = (event) => { resolve({ fault: event.message === '' ? 'the worker did not start' : event.message }) }
      made.postMessage(asked)
    })
  } catch (thrown) {
    return { fault: thrown instanceof Error ? thrown.message : String(thrown) }
  } finally {
    worker?.terminate()
    URL.revokeObjectURL(address)
  }
}
