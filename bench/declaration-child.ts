// A process that builds one declaration and says how long it took and how much memory it had at most:
//   node declaration-child.ts FOLDER ITEMS SIZE STEP [LABELS]
// Labels are known beforehand (hashes of a counter); each item has two keys, the rest are dummies. LABELS: a file of labels, 32 bytes each,
// that the first keys have instead.

import { createHash, hash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { argv, cpuUsage, resourceUsage } from 'node:process'
import { buildDeclaration, type DeclaredLeaf } from '@muster/fast/declaration/build.ts'

const [folder, items, size, step] = [argv[2] ?? '', Number(argv[3]), Number(argv[4]), Number(argv[5])]
const count = size - 2
const labels = Buffer.alloc(count * 32)
for (let i = 0; i < count; i++) labels.write(hash('sha256', `label ${i}`, 'binary'), i * 32, 32, 'latin1')
if (argv[6] !== undefined) readFileSync(argv[6]).copy(labels, items * 32)
const labelAt = (i: number): Buffer => labels.subarray(i * 32, i * 32 + 32)

/** Sections of the length that records have: 60 bytes a mark, 200 a history. */
function* leaves(): Generator<DeclaredLeaf> {
  const text = (words: string): Buffer => Buffer.from(words, 'utf8')
  for (let i = 0; i < count; i++) {
    if (i < items) {
      const marks = text(`[{"text":"9П516 № ${100_000 + i}","where":"tube","how":"stamped"}]`)
      const history = text(`[{"kind":"baseline","at":"1986-04-01","site":"depot-${i % 40}","document":"${i}/86"},{"kind":"counted","at":"2026-01-01","seen":"opened","document":"${i}/26"}]`)
      yield { kind: 'item', label: labelAt(i), sections: [text('{"status":"held"}'), text('{"from":"maker"}'), text(''), text(`{"site":"depot-${i % 40}"}`), text('{"unit":"4th"}'), marks, history] }
    } else if (i < 3 * items) yield { kind: 'key', label: labelAt(i), sections: [labelAt(i % items)] }
    else yield { kind: 'dummy', label: labelAt(i), sections: [labelAt(i)] }
  }
}

const used = cpuUsage()
const began = performance.now()
const built = await buildDeclaration({ folder, step, secret: createHash('sha256').update('secret').digest(), leaves: leaves() })
const seconds = (performance.now() - began) / 1000
const { user, system } = cpuUsage(used)
process.stdout.write(`${JSON.stringify({ seconds, root: Buffer.from(built.root).toString('base64'), processorSeconds: (user + system) / 1e6, memoryMiB: resourceUsage().maxRSS / 1024 })}\n`)
