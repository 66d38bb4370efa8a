// The question `merkle` of the conformance door: an inclusion or a consistency proof (RFC 9162), by its parts alone.
import { fromHex } from '@muster/core/bytes/bytes.ts'
import { hex, integer, list, object, type Shape } from '@muster/core/bytes/shape.ts'
import { HASH_BYTES, PATH_HASHES_MAX, verifyConsistency, verifyInclusion } from '@muster/core/proof/merkle.ts'
import { nodePrimitives } from '@muster/fast/primitives.ts'
import { membersOf, MALFORMED, type Request, type ValidAnswer } from './request.ts'

const hash = hex(HASH_BYTES)
const count = integer(0, Number.MAX_SAFE_INTEGER)
const path = list(hash, 0, PATH_HASHES_MAX)
const inclusion = { index: count, size: count, leafHash: hash, root: hash, path }
const consistency = { size1: count, size2: count, root1: hash, root2: hash, path }

const bytesOf = (text: string): Uint8Array => fromHex(text) as Uint8Array

function read<const M extends Readonly<Record<string, Shape<unknown>>>>(request: Request, members: M) {
  return membersOf(request, object(members), Object.keys(members))
}

export function answerMerkle(request: Request): ValidAnswer {
  if (request['proof'] === 'inclusion') {
    const given = read(request, inclusion)
    if (given === undefined) return MALFORMED
    const { index, size } = given
    return { valid: verifyInclusion(nodePrimitives, { index, size, leafHash: bytesOf(given.leafHash), root: bytesOf(given.root), path: given.path.map(bytesOf) }) }
  }
  if (request['proof'] !== 'consistency') return MALFORMED
  const given = read(request, consistency)
  if (given === undefined) return MALFORMED
  const { size1, size2 } = given
  return { valid: verifyConsistency(nodePrimitives, { size1, size2, root1: bytesOf(given.root1), root2: bytesOf(given.root2), path: given.path.map(bytesOf) }) }
}
