// Vectors of checkpoints under a party's two log keys, and of checkpoints shown for what they are not.

import { toHex, utf8 } from '@muster/core/bytes/bytes.ts'
import { noble as p } from '@muster/core/bytes/noble.ts'
import { signCheckpoint, type CheckpointBreachCode } from '@muster/core/proof/checkpoint.ts'
import { emptyRoot } from '@muster/core/proof/merkle.ts'
import { formatNote, parseNote, signNote, type NoteBreachCode, type NoteSignature } from '@muster/core/proof/note.ts'
import { formatCheckpoint, type TreeHeadCode } from '@muster/core/proof/tree-head.ts'
import { formatVkey } from '@muster/core/proof/vkey.ts'
import { cosignatureLine, grown, keysOf, LOG, logSecrets, TIME } from './signers.ts'

export interface CheckpointVector {
  what: string
  note: string
  origin: string
  vkeys: [string, string]
  answer: { valid: boolean; timestamp?: number; code?: CheckpointBreachCode | TreeHeadCode | NoteBreachCode }
}

type Code = NonNullable<CheckpointVector['answer']['code']>

const head = (name: string) => toHex(p.sha256(utf8(name)))
const DECLARED = `${LOG}/d/${head('head 2')}`
const SECRETS = logSecrets(LOG)
const VKEYS: [string, string] = [formatVkey(keysOf(LOG).ed25519), formatVkey(keysOf(LOG).mldsa44)]
const { root } = grown(6)
const signed = (origin: string, secrets = SECRETS) => signCheckpoint(p, { origin, size: 6, root }, secrets, TIME)

export function checkpointVectors(): [string, CheckpointVector][] {
  const valid = (name: string, what: string, note: string, origin: string): [string, CheckpointVector] => [
    `checkpoint/valid/${name}`,
    { what, note, origin, vkeys: VKEYS, answer: { valid: true, timestamp: TIME } },
  ]
  const { text, signatures } = parseNote(signed(LOG))
  const foreign = signNote(p, text, 'someone.example', logSecrets('someone.example').ed25519Seed)
  return [
    valid('log', 'a log under its two keys', signed(LOG), LOG),
    valid('declaration', 'a declaration: its own origin, signed under the name of its log', signed(DECLARED), DECLARED),
    valid('empty-log', 'a log without entries', signCheckpoint(p, { origin: LOG, size: 0, root: emptyRoot(p) }, SECRETS, TIME), LOG),
    valid('foreign-line', 'a line of an unknown key stands before the log\'s and is ignored', formatNote({ text, signatures: [foreign, ...signatures] }), LOG),
    ...shownForAnother(),
    ...changedLines(),
  ]
}

function invalid(name: string, code: Code, what: string, note: string, origin: string): [string, CheckpointVector] {
  return [`checkpoint/invalid/${name}`, { what, note, origin, vkeys: VKEYS, answer: { valid: false, code } }]
}

function shownForAnother(): [string, CheckpointVector][] {
  const wrong = 'checkpoint/wrong-origin'
  const otherLog = 'qx.example/muster/other-exercise'
  return [
    invalid('log-taken-for-declaration', wrong, 'a true checkpoint of the log, shown as that of a declaration', signed(LOG), DECLARED),
    invalid('declaration-taken-for-log', wrong, 'a true checkpoint of a declaration, shown as that of the log', signed(DECLARED), LOG),
    invalid(
      'other-agreement',
      'note/no-known-signature',
      'the party\'s checkpoint under another agreement, with that log\'s keys',
      signed(otherLog, logSecrets(otherLog)),
      LOG,
    ),
    invalid('other-agreement-same-keys', wrong, 'another agreement\'s origin under this log\'s keys', signed(otherLog), LOG),
    invalid('previous-sequence', wrong, 'the checkpoint of the declaration before', signed(`${LOG}/d/${head('head 1')}`), DECLARED),
    invalid('other-head', wrong, 'a declaration of the same sequence under another head', signed(`${LOG}/d/${head('another head 2')}`), DECLARED),
    invalid(
      'other-party',
      'note/no-known-signature',
      'this log\'s origin signed by another party',
      signed(LOG, logSecrets('qy.example/muster/exercise')),
      LOG,
    ),
  ]
}

function changedLines(): [string, CheckpointVector][] {
  const checkpoint = { origin: LOG, size: 6, root }
  const { text, signatures } = parseNote(signed(LOG))
  const [ed25519, mldsa44] = signatures as [NoteSignature, NoteSignature]
  const note = (lines: NoteSignature[], of = text) => formatNote({ text: of, signatures: lines })
  const extended = `${text}extension\n`
  const emptyLie = { origin: LOG, size: 0, root }
  const padded = text.replace('\n6\n', '\n06\n')
  return [
    invalid('ml-dsa-line-stripped', 'checkpoint/mldsa44-missing', 'only the Ed25519 signature is left', note([ed25519]), LOG),
    invalid('ed25519-line-stripped', 'checkpoint/ed25519-missing', 'only the ML-DSA-44 signature is left', note([mldsa44]), LOG),
    invalid(
      'extension-line',
      'checkpoint/extension-line',
      'a fourth line, covered by a new Ed25519 signature; ML-DSA-44 does not cover it',
      note([signNote(p, extended, LOG, SECRETS.ed25519Seed), mldsa44], extended),
      LOG,
    ),
    invalid(
      'timestamp-zero',
      'checkpoint/timestamp-zero',
      'the log\'s ML-DSA-44 signature has the time 0',
      note([ed25519, cosignatureLine(checkpoint, LOG, 0, 0, SECRETS.mldsa44Seed)]),
      LOG,
    ),
    invalid(
      'size-changed',
      'note/bad-signature',
      'the size was raised by one after signing',
      note(signatures as NoteSignature[], text.replace('\n6\n', '\n7\n')),
      LOG,
    ),
    invalid(
      'size-with-leading-zero',
      'checkpoint/size',
      'the size reads 06, and the Ed25519 signature covers that',
      note([signNote(p, padded, LOG, SECRETS.ed25519Seed), mldsa44], padded),
      LOG,
    ),
    invalid('empty-tree-with-a-root', 'checkpoint/empty-root', 'size 0 with the root of six entries', signCheckpoint(p, emptyLie, SECRETS, TIME), LOG),
    invalid(
      'second-line-fails',
      'note/bad-signature',
      'after two good lines, one of the same key that does not verify',
      note([ed25519, mldsa44, { ...ed25519, signature: new Uint8Array(64) }]),
      LOG,
    ),
    invalid(
      'ed25519-of-another-text',
      'note/bad-signature',
      'the Ed25519 line of another text under the same key',
      note([signNote(p, formatCheckpoint({ ...checkpoint, size: 5 }), LOG, SECRETS.ed25519Seed), mldsa44]),
      LOG,
    ),
  ]
}
