// `muster conformance`: the door for outside test suites. It needs no registry.
import { once } from 'node:events'
import { stdin, stdout } from 'node:process'
import { secondsOf } from '@muster/core/bytes/time.ts'
import { fastGroup } from '@muster/fast/kernel-group.ts'
import { openDoor, serveDoor } from '../conformance/door.ts'
import { now } from '../now.ts'
import type { Verb } from '../verb.ts'

export const verb: Verb = {
  name: 'conformance',
  summary: { en: 'answers outside test suites: one JSON request a line in, one JSON answer a line out', ru: 'ответы внешним тестам: строка JSON с вопросом — строка JSON с ответом' },
  usage: ['muster conformance < requests.jsonl > answers.jsonl'],
  options: {},
  run: async (context) => {
    const answer = openDoor(await fastGroup(), () => secondsOf(now()))
    await serveDoor(answer, stdin as AsyncIterable<Uint8Array>, (line) => {
      context.out(line)
      return stdout.writableNeedDrain ? once(stdout, 'drain').then(() => undefined) : undefined
    })
    return 0
  },
}
