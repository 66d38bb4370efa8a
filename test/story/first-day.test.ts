// The main job by the commands of docs/first-day.md: two registries with their own databases, processes and keys, from an empty folder to a
// verified dossier.
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { removeDataDirectory } from '@muster/registry/engine/lease.ts'
import { scratchFolder } from '@muster/registry/store/scratch.ts'
import { commandsOf, freePort, muster, serve, type Ended, type Served } from './page.ts'

const TIMEOUT_MS = 480_000
/** After this long both logs are signed and cosigned, and both declarations copied, on any machine that can run a registry. */
const MIRRORED_MS_MAX = 120_000

let folder = ''
const served: Served[] = []
const done: { readonly words: readonly string[], readonly ended: Ended }[] = []
type Answer = { readonly [name: string]: unknown }

const lastLine = ({ lines }: Ended): Answer => JSON.parse(lines.at(-1) ?? '{}') as Answer
const ended = (...verb: string[]): Ended[] => done.filter(({ words }) => verb.every((word) => words.includes(word))).map(({ ended: each }) => each)

/** Mirrors until the other's declaration is here and its log cosigned by both: what the page means by "at each period". */
async function mirrored(words: readonly string[]): Promise<Ended> {
  for (const end = performance.now() + MIRRORED_MS_MAX; ;) {
    const told = await muster(words)
    if ((told.code === 0 && /QR +\d+ +2\/2 +\d+ /.test(told.lines.join('\n'))) || performance.now() > end) return told
    await sleep(1000)
  }
}

async function run(words: readonly string[]): Promise<void> {
  if (words[0] === 'serve') {
    served.push(await serve(words))
    return
  }
  const told = words[0] === 'mirror' ? await mirrored(words) : await muster(words)
  assert.equal(told.code, 0, `muster ${words.join(' ')}: ${told.errors}${told.lines.join('\n')}`)
  done.push({ words, ended: told })
}

before(async () => {
  folder = join(await scratchFolder(), 'day')
  await mkdir(folder)
  const ports = new Map([['7701', await freePort()], ['7702', await freePort()]])
  const places = (word: string) => word.replace(/^day\//, `${folder}/`).replace(/770[12]/, (port) => String(ports.get(port)))
  for (const words of commandsOf('docs/first-day.md')) {
    if (words.includes('--remove')) continue
    const [item] = ended('items').slice(-1).map((each) => (JSON.parse(each.lines[0] ?? '{}') as { item?: string }).item ?? '')
    const dossier = ended('trace').slice(-1).map((each) => String(lastLine(each).dossier))[0]
    const call = ended('call', 'issue').map((each) => String(lastLine(each).call))[0]
    await run(words.map((word) => word === 'ITEM' ? item ?? '' : word === 'DOSSIER' ? dossier ?? '' : word === 'CALL' ? call ?? '' : places(word)))
  }
}, { timeout: TIMEOUT_MS })

after(async () => {
  for (const each of served) await each.stop()
  for (const party of ['QQ', 'QR']) await removeDataDirectory(join(folder, party)).catch(() => undefined)
  await rm(join(folder, '..'), { recursive: true, force: true })
})

test('every row of both sheets is accounted for', () => {
  const imports = ended('import').map(lastLine) as { rows: number, accepted: number, refused: number, already: number }[]
  assert.deepEqual(imports.map(({ rows, accepted, refused, already }) => [rows > 0, rows === accepted + refused + already, already]), [[true, true, 0], [true, true, 0]])
  assert.equal(imports[1]?.accepted, 3)
})

test('a call to count is answered by commands alone, and the count is held to what was declared', () => {
  assert.match(ended('call', 'list')[0]?.lines.join('\n') ?? '', /QQ.*waits for you/)
  assert.match(ended('call', 'show')[0]?.lines.join('\n') ?? '', /QR +counted +.* +0 +0 +3 +as declared/)
  assert.match(ended('call', 'show')[0]?.lines.join('\n') ?? '', /QQ +(?:received|on its way)/)
})

test('a weapon stolen from one registry and seized in another is traced to its last lawful holder by commands alone', () => {
  const [traced] = ended('trace').map(lastLine)
  assert.deepEqual(
    [traced?.outcome, traced?.lastHolder, traced?.present, traced?.absent, traced?.refused, traced?.silent, traced?.unreachable],
    ['last-holder', 'QR', 1, 1, 0, 0, 0], JSON.stringify(traced))
})

test('the dossier of the day is proven to whoever holds the agreement, consistent without it, and refused when one letter is changed', async () => {
  assert.match(ended('verify')[0]?.lines.join('\n') ?? '', /proven/i)
  const dossier = done.find(({ words: [verb] }) => verb === 'verify')?.words[1] ?? ''
  const alone = await muster(['verify', dossier, '--json'])
  assert.deepEqual([alone.code, lastLine(alone).verdict], [1, 'consistent'])
  const changed = join(folder, 'changed.json')
  writeFileSync(changed, readFileSync(dossier, 'utf8').replace('last-holder', 'still-held-'))
  const refused = await muster(['verify', changed, '--agreement', join(folder, 'exercise.json'), '--json'])
  assert.deepEqual([refused.code, lastLine(refused).verdict], [1, 'refused'])
})

test('the other side of the day: logs cosigned by both, the audit finds nothing changed', () => {
  assert.match(ended('mirror')[0]?.lines.join('\n') ?? '', /QR.*2\/2/)
  assert.equal(ended('audit').length, 1)
  assert.equal(served.every((each) => !/fault|bug/i.test(each.errors())), true, served.map((each) => each.errors()).join('\n'))
})
