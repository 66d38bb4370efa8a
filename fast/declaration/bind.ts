// Bindings of many leaves under one declaration's secret, byte for byte those of core's `bindLeaf`. A million leaves cost some twelve
// million hashes, so every input is laid out once and only its variable bytes are written. A digest taken as a string of one character
// a byte costs 0.5 µs, as a Buffer 2 µs, and node:crypto's Hmac object 20 µs; hence the two plain hashes of RFC 2104.

import { hash } from 'node:crypto'
import { concat, u16, utf8 } from '@muster/core/bytes/bytes.ts'
import { DIGEST_BYTES, DOMAIN, kindBytes, LABEL_BYTES, LEAF_KINDS, SALT_BYTES, SECRET_BYTES, SECTION_BYTES_MAX, SECTIONS } from '@muster/core/proof/leaf.ts'
import type { LeafKind, SectionName } from '@muster/core/proof/leaf.ts'

const HMAC_BLOCK_BYTES = 64
const MAC_BYTES = 32
/** Room for a section in its prepared input; a longer one gets an input of its own. */
const PREPARED_SECTION_BYTES = 4096

/** Writes the 32-byte binding of one leaf at `at`. `sections` are those after `kind`, in the order of SECTIONS; missing ones are empty. */
export type Bind = (label: Uint8Array, kind: LeafKind, sections: readonly Uint8Array[], target: Buffer, at: number) => void

/** The inputs of one section's two hashes: all but label, salt, mac and bytes are in place. */
interface Prepared {
  readonly salt: Buffer
  readonly digest: Buffer
  readonly saltAt: number
}

/** One at a time: the returned function writes its inputs in place. Throws a RangeError for a wrong length. */
export function binder(declarationSecret: Uint8Array): Bind {
  if (declarationSecret.length !== SECRET_BYTES) throw new RangeError(`the secret of a declaration has ${SECRET_BYTES} bytes, not ${declarationSecret.length}`)
  const inner = keyed(declarationSecret, 0x36)
  const outer = keyed(declarationSecret, 0x5c)
  const mac = Buffer.alloc(MAC_BYTES)
  const sectionsOf = new Map<LeafKind, readonly Prepared[]>(LEAF_KINDS.map((kind) => [kind, SECTIONS[kind].map(prepare)]))
  const leafOf = new Map<LeafKind, Buffer>(LEAF_KINDS.map((kind) => [kind, Buffer.concat([DOMAIN.leaf, Buffer.alloc(SECTIONS[kind].length * DIGEST_BYTES)])]))
  const kinds = new Map<LeafKind, Uint8Array>(LEAF_KINDS.map((kind) => [kind, kindBytes(kind)]))
  return (label, kind, sections, target, at) => {
    const prepared = sectionsOf.get(kind) as readonly Prepared[]
    const leaf = leafOf.get(kind) as Buffer
    if (label.length !== LABEL_BYTES) throw new RangeError(`a label has ${LABEL_BYTES} bytes, not ${label.length}`)
    if (sections.length >= prepared.length) throw new RangeError(`a leaf of kind ${kind} has ${prepared.length - 1} sections after its kind, not ${sections.length}`)
    inner.set(label, HMAC_BLOCK_BYTES)
    hashInto(outer, HMAC_BLOCK_BYTES, inner)
    hashInto(mac, 0, outer)
    for (let i = 0; i < prepared.length; i++) {
      const bytes = i === 0 ? (kinds.get(kind) as Uint8Array) : (sections[i - 1] ?? EMPTY)
      digestInto(leaf, DOMAIN.leaf.length + i * DIGEST_BYTES, prepared[i] as Prepared, label, mac, bytes)
    }
    hashInto(target, at, leaf)
  }
}

const EMPTY = new Uint8Array(0)

function keyed(key: Uint8Array, pad: number): Buffer {
  const block = Buffer.alloc(HMAC_BLOCK_BYTES + MAC_BYTES).fill(pad, 0, HMAC_BLOCK_BYTES)
  for (let i = 0; i < key.length; i++) block[i] = pad ^ (key[i] as number)
  return block
}

function prepare(name: SectionName): Prepared {
  const named = utf8(name)
  const head = concat(DOMAIN.section, new Uint8Array(LABEL_BYTES), u16(named.length), named)
  const digest = Buffer.alloc(head.length + SALT_BYTES + PREPARED_SECTION_BYTES)
  digest.set(head)
  return { salt: Buffer.from(concat(DOMAIN.salt, new Uint8Array(MAC_BYTES), named)), digest, saltAt: head.length }
}

function digestInto(target: Buffer, at: number, section: Prepared, label: Uint8Array, mac: Uint8Array, bytes: Uint8Array): void {
  if (bytes.length > SECTION_BYTES_MAX) throw new RangeError(`a section has ${bytes.length} bytes, the most is ${SECTION_BYTES_MAX}`)
  section.salt.set(mac, DOMAIN.salt.length)
  section.digest.set(label, DOMAIN.section.length)
  hashInto(section.digest, section.saltAt, section.salt)
  const bytesAt = section.saltAt + SALT_BYTES
  if (bytes.length > PREPARED_SECTION_BYTES) hashInto(target, at, Buffer.concat([section.digest.subarray(0, bytesAt), bytes]))
  else {
    section.digest.set(bytes, bytesAt)
    hashInto(target, at, section.digest.subarray(0, bytesAt + bytes.length))
  }
}

/** SHA-256 of `input`, 32 bytes, into `target` at `at`. */
export function hashInto(target: Buffer, at: number, input: Uint8Array): void {
  target.write(hash('sha256', input, 'binary'), at, DIGEST_BYTES, 'latin1')
}
