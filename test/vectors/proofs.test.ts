import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { Breach } from '@muster/core/bytes/breach.ts'
import { fromHex, toHex } from '@muster/core/bytes/bytes.ts'
import { noble } from '@muster/core/bytes/noble.ts'
import type { Primitives } from '@muster/core/bytes/primitives.ts'
import { Refusal } from '@muster/core/bytes/refusal.ts'
import { verifyLogCheckpoint } from '@muster/core/proof/checkpoint.ts'
import { subtreeMessage, timestampOf } from '@muster/core/proof/cosignature.ts'
import { countCosigners } from '@muster/core/proof/cosigners.ts'
import { verifyEntry } from '@muster/core/proof/inclusion.ts'
import { leafHash, verifyInclusion } from '@muster/core/proof/merkle.ts'
import { openNote, parseNote } from '@muster/core/proof/note.ts'
import { parseCheckpoint } from '@muster/core/proof/tree-head.ts'
import { formatTlogProof, verifyTlogProof } from '@muster/core/proof/tlog-proof.ts'
import { parseVkey } from '@muster/core/proof/vkey.ts'
import { nodePrimitives } from '@muster/fast/primitives.ts'
import { checkpointVectors, type CheckpointVector } from './checkpoint.ts'
import { cosignatureVectors, type CosignatureVector } from './cosignature.ts'
import { inclusionVectors, type InclusionVector } from './inclusion.ts'

const FOLDER = join(import.meta.dirname, '../../spec/vectors')
const IMPLEMENTATIONS: readonly Primitives[] = [noble, nodePrimitives]

/** Every vector of a kind as it stands on disk. */
function onDisk<Vector>(kind: string): [string, Vector][] {
  return ['valid', 'invalid'].flatMap((verdict) =>
    readdirSync(join(FOLDER, kind, verdict)).map((file): [string, Vector] => {
      return [`${kind}/${verdict}/${file.replace('.json', '')}`, JSON.parse(readFileSync(join(FOLDER, kind, verdict, file), 'utf8')) as Vector]
    }),
  )
}

/** The code of the refusal or breach, undefined where nothing is thrown; anything else thrown is a bug. */
function codeOf(run: () => void): string | undefined {
  try {
    run()
    return undefined
  } catch (error) {
    if (error instanceof Refusal || error instanceof Breach) return error.code as string
    throw error
  }
}

const bytes = (hex: string) => fromHex(hex) as Uint8Array

test('the vectors on disk are those that the seeded scripts make', () => {
  const kinds: [string, [string, unknown][]][] = [['inclusion', inclusionVectors()], ['checkpoint', checkpointVectors()], ['cosignature', cosignatureVectors()]]
  for (const [kind, made] of kinds) {
    const disk = onDisk<unknown>(kind)
    assert.deepEqual(new Set(disk.map(([name]) => name)), new Set(made.map(([name]) => name)))
    assert.deepEqual(new Map(disk), new Map(made))
  }
})

test('every inclusion vector gets its verdict, from the parts and from a whole tlog-proof', () => {
  for (const [name, { checkpoint, entry, proof, answer }] of onDisk<InclusionVector>('inclusion')) {
    const stated = parseCheckpoint(checkpoint)
    const path = proof.path.map(bytes)
    assert.equal(name.includes('/valid/'), answer.valid)
    for (const p of IMPLEMENTATIONS) {
      assert.equal(codeOf(() => verifyEntry(p, stated, { ...proof, path }, bytes(entry))), answer.code, name)
      if (proof.size !== undefined) {
        const lie = { index: proof.index, size: proof.size, leafHash: leafHash(p, bytes(entry)), root: stated.root, path }
        assert.ok(verifyInclusion(p, lie), 'the size that is a lie fits the path')
        continue
      }
      const fair = { index: proof.index, size: stated.size, leafHash: leafHash(p, bytes(entry)), root: stated.root, path }
      assert.equal(verifyInclusion(p, fair), answer.valid, name)
      const whole = formatTlogProof({ index: proof.index, path, checkpoint: `${checkpoint}\n— signed.elsewhere AAAAAAA=\n` })
      assert.equal(codeOf(() => verifyTlogProof(p, whole, bytes(entry), (note) => parseCheckpoint(note.text))), answer.code, name)
    }
  }
})

test('every checkpoint vector gets its verdict', () => {
  for (const [name, { note, origin, vkeys, answer }] of onDisk<CheckpointVector>('checkpoint')) {
    assert.equal(name.includes('/valid/'), answer.valid)
    for (const p of IMPLEMENTATIONS) {
      const keys = { ed25519: parseVkey(p, vkeys[0]), mldsa44: parseVkey(p, vkeys[1]) }
      let timestamp: number | undefined
      assert.equal(codeOf(() => (timestamp = verifyLogCheckpoint(p, note, origin, keys).timestamp)), answer.code, name)
      assert.equal(timestamp, answer.timestamp, name)
    }
  }
})

test('every cosignature vector gets its verdict, and the signed bytes are as written', () => {
  for (const [name, { note, vkeys, quorum, signed, answer }] of onDisk<CosignatureVector>('cosignature')) {
    assert.equal(name.includes('/valid/'), answer.valid)
    for (const p of IMPLEMENTATIONS) {
      const keys = vkeys.map((vkey) => parseVkey(p, vkey))
      const code = codeOf(() => {
        const { names, lines } = countCosigners(p, note, keys)
        assert.deepEqual(names, answer.counted, name)
        assert.deepEqual(lines.flatMap(({ key, uncounted }) => (uncounted === undefined ? [] : [[key.name, uncounted]])), answer.shown, name)
        assert.equal(names.length >= quorum, answer.valid, name)
      })
      assert.equal(code, answer.code, name)
      if (signed !== undefined) assert.equal(signedBytes(p, note, keys), signed)
    }
  }
})

/** The message of the first known cosignature. */
function signedBytes(p: Primitives, note: string, keys: ReturnType<typeof parseVkey>[]): string {
  const { origin, size, root } = parseCheckpoint(parseNote(note).text)
  const [first] = openNote(p, note, keys).known
  assert.ok(first !== undefined)
  return toHex(subtreeMessage({ cosigner: first.key.name, timestamp: timestampOf(first.signature) ?? 0, origin, start: 0, end: size, root }))
}
