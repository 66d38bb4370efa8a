// Vectors of cosigners: who counts towards a quorum, and what only looks as if it did.

import { concat, toHex, u64, utf8 } from '@muster/core/bytes/bytes.ts'
import { noble as p } from '@muster/core/bytes/noble.ts'
import { signCheckpoint } from '@muster/core/proof/checkpoint.ts'
import { subtreeMessage } from '@muster/core/proof/cosignature.ts'
import type { CosignersCode, Uncounted } from '@muster/core/proof/cosigners.ts'
import { formatNote, parseNote, type NoteBreachCode, type NoteSignature } from '@muster/core/proof/note.ts'
import type { TreeHeadCode } from '@muster/core/proof/tree-head.ts'
import { ED25519_COSIGNATURE, formatVkey, noteKey } from '@muster/core/proof/vkey.ts'
import { cosignatureLine, cosignerKey, grown, LOG, logSecrets, secretOf, TIME } from './signers.ts'

export interface CosignatureVector {
  what: string
  note: string
  /** The cosigners of the kind asked for, witnesses or readers. */
  vkeys: string[]
  quorum: number
  /** The bytes under the first counted line. */
  signed?: string
  answer: { valid: boolean; counted?: string[]; shown?: [string, Uncounted][]; code?: NoteBreachCode | TreeHeadCode | CosignersCode }
}

const W1 = 'qx.example/witness'
const W2 = 'qy.example/witness'
const R1 = 'qx.example/reader'
const CHECKPOINT = { origin: LOG, size: 6, root: grown(6).root }
const SIGNED = parseNote(signCheckpoint(p, CHECKPOINT, logSecrets(LOG), TIME))
const vkey = (name: string) => formatVkey(cosignerKey(name))
const line = (name: string, timestamp = TIME, start = 0) => cosignatureLine(CHECKPOINT, name, timestamp, start)
const withLines = (...lines: NoteSignature[]) => formatNote({ ...SIGNED, signatures: [...SIGNED.signatures, ...lines] })
const MESSAGE = toHex(subtreeMessage({ cosigner: W1, timestamp: TIME, origin: LOG, start: 0, end: 6, root: CHECKPOINT.root }))

/** An Ed25519 cosignature (type 04) under the cosigner's name. */
function ed25519(name: string): { vkey: string; line: NoteSignature } {
  const secret = secretOf(`${name} ed25519`)
  const key = noteKey(p, name, ED25519_COSIGNATURE, p.ed25519PublicKey(secret))
  const raw = p.ed25519Sign(secret, utf8(`cosignature/v1\ntime ${TIME}\n${SIGNED.text}`))
  return { vkey: formatVkey(key), line: { name, id: key.id, signature: concat(u64(TIME), raw) } }
}

export function cosignatureVectors(): [string, CosignatureVector][] {
  const valid = (name: string, vector: Omit<CosignatureVector, 'vkeys'>): [string, CosignatureVector] => [
    `cosignature/valid/${name}`,
    { vkeys: [vkey(W1), vkey(W2)], ...vector },
  ]
  const one = { quorum: 1, answer: { valid: true, counted: [W1], shown: [] } }
  const foreign = { ...line('qz.example/witness'), signature: new Uint8Array(2428) }
  return [
    valid('one-of-two', { what: 'one witness of two, and one is the quorum', note: withLines(line(W1)), signed: MESSAGE, ...one }),
    valid('two-of-two', { what: 'both witnesses, in any order', note: withLines(line(W2), line(W1)), quorum: 2, answer: { valid: true, counted: [W2, W1], shown: [] } }),
    valid('foreign-line', { what: 'a broken line of an unknown cosigner is ignored', note: withLines(foreign, line(W1)), signed: MESSAGE, ...one }),
    ...uncounted(),
    ...voided(),
  ]
}

function uncounted(): [string, CosignatureVector][] {
  type Answer = Omit<CosignatureVector['answer'], 'valid'>
  const both = [vkey(W1), vkey(W2)]
  const invalid = (name: string, what: string, note: string, answer: Answer, quorum = 1, vkeys = both): [string, CosignatureVector] => [
    `cosignature/invalid/${name}`,
    { what, note, vkeys, quorum, answer: { valid: false, ...answer } },
  ]
  const old = ed25519(W1)
  return [
    invalid(
      'counted-twice',
      'one witness signed twice, at two times; two are the quorum',
      withLines(line(W1), line(W1, TIME + 60)),
      { counted: [W1], shown: [[W1, 'repeated']] },
      2,
    ),
    invalid(
      'timestamp-zero',
      'a true cosignature with the time 0, which states nothing about the newest tree',
      withLines(line(W1, 0)),
      { counted: [], shown: [[W1, 'timestamp-zero']] },
    ),
    invalid(
      'ml-dsa-line-stripped',
      'of the witness\'s two lines only the Ed25519 one is left',
      withLines(old.line),
      { counted: [], shown: [[W1, 'ed25519']] },
      1,
      [vkey(W1), old.vkey],
    ),
    invalid('witness-taken-for-reader', 'a witness\'s line where readers are asked for', withLines(line(W1)), { counted: [], shown: [] }, 1, [vkey(R1)]),
    invalid('reader-taken-for-witness', 'a reader\'s line where witnesses are asked for', withLines(line(R1)), { counted: [], shown: [] }),
    invalid('below-quorum', 'one witness where two are the quorum', withLines(line(W2)), { counted: [W2], shown: [] }, 2),
    invalid('log-counted-as-cosigner', 'the log\'s own two signatures and nobody else\'s', withLines(), { counted: [], shown: [] }),
  ]
}

/** Those that void the whole note, or the list of keys. */
function voided(): [string, CosignatureVector][] {
  type Code = NonNullable<CosignatureVector['answer']['code']>
  const both = [vkey(W1), vkey(W2)]
  const invalid = (name: string, what: string, note: string, code: Code, vkeys = both): [string, CosignatureVector] => [
    `cosignature/invalid/${name}`,
    { what, note, vkeys, quorum: 1, answer: { valid: false, code } },
  ]
  const extended = `${SIGNED.text}extension\n`
  const renamed = { ...line(R1), name: W1, id: cosignerKey(W1).id }
  const otherTree = cosignatureLine({ ...CHECKPOINT, size: 7 }, W1, TIME)
  const otherLog = cosignatureLine({ ...CHECKPOINT, origin: `${LOG}-2` }, W1, TIME)
  const retimed = { ...line(W1), signature: concat(u64(TIME + 1), line(W1).signature.subarray(8)) }
  return [
    invalid('start-other-than-0', 'the witness signed the subtree from entry 4, not the checkpoint', withLines(line(W1, 0, 4)), 'note/bad-signature'),
    invalid(
      'extension-line',
      'an extension line that the signature does not cover',
      formatNote({ text: extended, signatures: [line(W1)] }),
      'checkpoint/extension-line',
    ),
    invalid('other-tree', 'a cosignature of size 7 under a checkpoint of size 6', withLines(otherTree), 'note/bad-signature'),
    invalid('other-log', 'a cosignature of the same size and root in another log', withLines(otherLog), 'note/bad-signature'),
    invalid('time-moved', 'the time in the line was moved by a second', withLines(retimed), 'note/bad-signature'),
    invalid('renamed', 'a reader\'s signature under the name and key ID of the witness', withLines(renamed), 'note/bad-signature'),
    invalid(
      'one-good-one-bad',
      'the second witness\'s line fails, so the first does not count either',
      withLines(line(W1), { ...line(W2), signature: line(W1).signature }),
      'note/bad-signature',
    ),
    invalid(
      'one-key-two-names',
      'the list names one public key as two witnesses',
      withLines(line(W1)),
      'cosigners/duplicate-key',
      [vkey(W1), formatVkey(cosignerKey(W2, secretOf(W1)))],
    ),
  ]
}
