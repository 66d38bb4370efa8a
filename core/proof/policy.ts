// Trust policies (C2SP tlog-policy): which logs, which witnesses, and which of them are enough.

import { fromUtf8, utf8 } from '../bytes/bytes.ts'
import { Breach } from '../bytes/breach.ts'
import type { Primitives } from '../bytes/primitives.ts'
import { Refusal } from '../bytes/refusal.ts'
import { countCosigners, type CosignerCount } from './cosigners.ts'
import { openNote, parseNote, type Note } from './note.ts'
import { type Checkpoint, parseCheckpoint } from './tree-head.ts'
import { ED25519, ED25519_COSIGNATURE, formatVkey, MLDSA44, parseVkey, type NoteKey } from './vkey.ts'

/** 1,024 keys of ML-DSA-44 are 1.8 MB. */
export const POLICY_BYTES_MAX = 4 * 1_048_576
export const POLICY_LINES_MAX = 8_192
const NONE = 'none'

export type PolicyCode =
  | 'policy/too-large'
  | 'policy/character'
  | 'policy/line'
  | 'policy/key'
  | 'policy/duplicate'
  | 'policy/name'
  | 'policy/threshold'
  | 'policy/quorum'

export type PolicyBreachCode = 'policy/unknown-log' | 'policy/quorum-missed'

export interface PolicyKey {
  readonly key: NoteKey
  readonly url: string | undefined
}

/** At least `threshold` of `members`, each a witness or an earlier group. */
export interface PolicyGroup {
  readonly threshold: number
  readonly members: readonly string[]
}

/** Names are octets, one character each: bytes beyond ASCII are opaque in a policy. */
export interface Policy {
  readonly logs: readonly PolicyKey[]
  readonly witnesses: ReadonlyMap<string, PolicyKey>
  readonly groups: ReadonlyMap<string, PolicyGroup>
  /** A witness, a group, or `none`. */
  readonly quorum: string
}

interface Draft {
  logs: PolicyKey[]
  witnesses: Map<string, PolicyKey>
  groups: Map<string, PolicyGroup>
  quorum: string | undefined
  members: Set<string>
  keys: { log: Set<string>; witness: Set<string> }
}

/** Throws a Refusal with the number of the line. */
export function parsePolicy(p: Primitives, policy: Uint8Array): Policy {
  if (policy.length > POLICY_BYTES_MAX) throw new Refusal<PolicyCode>('policy/too-large', `a policy has at most ${POLICY_BYTES_MAX} bytes`)
  const lines = octets(policy).split('\n')
  if (lines.pop() !== '') throw new Refusal<PolicyCode>('policy/line', 'the last line does not end in a newline', lines.length + 1)
  if (lines.length > POLICY_LINES_MAX) throw new Refusal<PolicyCode>('policy/too-large', `a policy has at most ${POLICY_LINES_MAX} lines`)
  const draft: Draft = {
    logs: [],
    witnesses: new Map(),
    groups: new Map(),
    quorum: undefined,
    members: new Set(),
    keys: { log: new Set(), witness: new Set() },
  }
  for (const [i, line] of lines.entries()) {
    const items = line.split(/[ \t]+/).filter((item) => item !== '')
    if (items.length > 0 && !(items[0] as string).startsWith('#')) readLine(p, draft, items, i + 1)
  }
  const { logs, witnesses, groups, quorum } = draft
  if (quorum === undefined) throw new Refusal<PolicyCode>('policy/quorum', 'the policy has no quorum line')
  return { logs, witnesses, groups, quorum }
}

/** One character for each byte; the only control characters are tab and newline. */
function octets(bytes: Uint8Array): string {
  const pieces: string[] = []
  for (let at = 0; at < bytes.length; at += 4096) pieces.push(String.fromCharCode(...bytes.subarray(at, at + 4096)))
  const text = pieces.join('')
  const bad = bytes.findIndex((byte) => (byte < 0x20 && byte !== 0x09 && byte !== 0x0a) || byte === 0x7f)
  if (bad >= 0) throw new Refusal<PolicyCode>('policy/character', `byte ${bad} is a control character`, bad)
  return text
}

function readLine(p: Primitives, draft: Draft, items: readonly string[], line: number): void {
  const [word, ...rest] = items
  if (word === 'log' && (rest.length === 1 || rest.length === 2)) {
    draft.logs.push({ key: readKey(p, draft.keys.log, rest[0] as string, [ED25519, MLDSA44], line), url: rest[1] })
  } else if (word === 'witness' && (rest.length === 2 || rest.length === 3)) {
    const name = newName(draft, rest[0] as string, line)
    draft.witnesses.set(name, { key: readKey(p, draft.keys.witness, rest[1] as string, [ED25519_COSIGNATURE, MLDSA44], line), url: rest[2] })
  } else if (word === 'group' && rest.length >= 3) {
    const [name, threshold, ...members] = rest as [string, string, ...string[]]
    draft.groups.set(newName(draft, name, line), readGroup(draft, threshold, members, line))
  } else if (word === 'quorum' && rest.length === 1) {
    const [name] = rest as [string]
    if (draft.quorum !== undefined) throw new Refusal<PolicyCode>('policy/quorum', `line ${line} is a second quorum line`, line)
    if (name !== NONE && !isDefined(draft, name)) throw new Refusal<PolicyCode>('policy/name', `line ${line}: ${name} is not defined above`, line)
    draft.quorum = name
  } else {
    const forms = 'log <vkey> [<url>], witness <name> <vkey> [<url>], group <name> <k> <name>…, quorum <name>'
    throw new Refusal<PolicyCode>('policy/line', `line ${line} is none of: ${forms}`, line)
  }
}

function readKey(p: Primitives, seen: Set<string>, octetText: string, types: readonly number[], line: number): NoteKey {
  const text = fromUtf8(Uint8Array.from(octetText, (character) => character.charCodeAt(0)))
  if (text === undefined) throw new Refusal<PolicyCode>('policy/key', `line ${line}: the key is not UTF-8`, line)
  const key = parseVkey(p, text)
  if (!types.includes(key.type)) throw new Refusal<PolicyCode>('policy/key', `line ${line}: a key of type ${key.type} cannot stand here`, line)
  const raw = octetsOf(key.publicKey)
  if (seen.has(raw)) throw new Refusal<PolicyCode>('policy/duplicate', `line ${line}: the same public key stands on an earlier line`, line)
  seen.add(raw)
  return key
}

function octetsOf(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes)
}

function isDefined(draft: Draft, name: string): boolean {
  return draft.witnesses.has(name) || draft.groups.has(name)
}

function newName(draft: Draft, name: string, line: number): string {
  if (name === NONE || isDefined(draft, name)) throw new Refusal<PolicyCode>('policy/name', `line ${line}: the name ${name} is taken`, line)
  return name
}

/** A member may stand in one group only, so that a witness counts in one way only. */
function readGroup(draft: Draft, threshold: string, members: readonly string[], line: number): PolicyGroup {
  for (const name of members) {
    if (!isDefined(draft, name)) throw new Refusal<PolicyCode>('policy/name', `line ${line}: ${name} is not defined above`, line)
    if (draft.members.has(name)) throw new Refusal<PolicyCode>('policy/duplicate', `line ${line}: ${name} is a member already`, line)
    draft.members.add(name)
  }
  const needed = threshold === 'all' ? members.length : threshold === 'any' ? 1 : /^[1-9]\d{0,5}$/.test(threshold) ? Number(threshold) : 0
  if (needed < 1 || needed > members.length) {
    throw new Refusal<PolicyCode>('policy/threshold', `line ${line}: the threshold is all, any or a number from 1 to ${members.length}`, line)
  }
  return { threshold: needed, members }
}

/** Whether the witnesses named (by their names in the policy) are enough. */
export function quorumHolds(policy: Policy, witnessed: ReadonlySet<string>): boolean {
  const holding = new Set([...witnessed].filter((name) => policy.witnesses.has(name)))
  // A group names only what stands above it, so one pass in the policy's order settles all.
  for (const [name, { threshold, members }] of policy.groups) {
    if (members.filter((member) => holding.has(member)).length >= threshold) holding.add(name)
  }
  return policy.quorum === NONE || holding.has(policy.quorum)
}

/**
 * The checkpoint when a listed log whose key name is its origin signed it and the quorum cosigned it. Only ML-DSA-44 cosigners count
 * (`countCosigners`); one log signature suffices here, so a party's own checkpoint goes through `verifyLogCheckpoint` as well.
 * Throws a Refusal for form, a Breach for signatures, an unknown log and a missed quorum.
 */
export function verifyUnderPolicy(p: Primitives, policy: Policy, note: Note | Uint8Array | string): Checkpoint & { readonly cosigners: CosignerCount } {
  const parsed = typeof note === 'string' || note instanceof Uint8Array ? parseNote(note) : note
  const checkpoint = parseCheckpoint(parsed.text)
  const logs = policy.logs.map(({ key }) => key).filter((key) => key.name === checkpoint.origin)
  if (logs.length === 0) throw new Breach<PolicyBreachCode>('policy/unknown-log', `${checkpoint.origin} is no log of the policy`, { text: parsed.text })
  openNote(p, parsed, logs)
  const cosigners = countCosigners(p, parsed, [...policy.witnesses.values()].map(({ key }) => key))
  const counted = new Set(cosigners.lines.filter((line) => line.uncounted === undefined).map((line) => line.key))
  const witnessed = new Set([...policy.witnesses].filter(([, { key }]) => counted.has(key)).map(([name]) => name))
  if (!quorumHolds(policy, witnessed)) {
    const message = `cosigned by ${witnessed.size} of ${policy.witnesses.size} witnesses that count, which is not the quorum ${policy.quorum}`
    throw new Breach<PolicyBreachCode>('policy/quorum-missed', message, { text: parsed.text, witnessed: [...witnessed] })
  }
  return { ...checkpoint, cosigners }
}

/** The policy of an agreement: these logs, and `quorum` of these ML-DSA-44 witnesses, 0 for none. Throws a Refusal as the parser would. */
export function formatPolicy(p: Primitives, logs: readonly NoteKey[], witnesses: readonly NoteKey[], quorum: number): Uint8Array {
  const lines = logs.map((key) => `log ${formatVkey(key)}`)
  lines.push(...witnesses.map((key, i) => `witness w${i + 1} ${formatVkey(key)}`))
  if (quorum > 0) lines.push(`group witnesses ${quorum} ${witnesses.map((_, i) => `w${i + 1}`).join(' ')}`)
  lines.push(`quorum ${quorum > 0 ? 'witnesses' : NONE}`)
  const policy = utf8(lines.map((line) => `${line}\n`).join(''))
  parsePolicy(p, policy)
  return policy
}
