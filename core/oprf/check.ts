// The door of the OPRF: every element, scalar, input and batch that comes from outside is checked here before the group computes with it
// (RFC 9497 section 3.3: deserialisation fails for what is not canonical, and the identity is refused).
import { ELEMENT_BYTES, SCALAR_BYTES } from './group.ts'
import type { Group } from './group.ts'
import { OprfError } from './oprf-error.ts'

/** Elements in one evaluation; also the largest padded batch. */
export const EVALUATION_BATCH_MAX = 1024

/** RFC 9497 section 1.2: inputs are length-prefixed with two bytes. */
export const INPUT_BYTES_MAX = 65_535

const isZero = (bytes: Uint8Array) => bytes.every((byte) => byte === 0)

export function checkElement(group: Group, element: Uint8Array, place: string): void {
  if (group.isElement(element)) return
  if (element.length !== ELEMENT_BYTES) throw new OprfError('element-length', place, `an element has ${ELEMENT_BYTES} bytes, this has ${element.length}`)
  if (isZero(element)) throw new OprfError('element-identity', place, 'the identity is no element to compute with')
  throw new OprfError('element-not-canonical', place, 'these bytes are not the canonical encoding of an element')
}

export function checkScalar(group: Group, scalar: Uint8Array, place: string): void {
  if (group.isScalar(scalar)) return
  if (scalar.length !== SCALAR_BYTES) throw new OprfError('scalar-length', place, `a scalar has ${SCALAR_BYTES} bytes, this has ${scalar.length}`)
  if (isZero(scalar)) throw new OprfError('scalar-zero', place, 'a scalar of zero hides nothing')
  throw new OprfError('scalar-not-canonical', place, 'a scalar is below the order of the group')
}

export function checkInput(input: Uint8Array, place: string): void {
  if (input.length > INPUT_BYTES_MAX) throw new OprfError('input-length', place, `an input has at most ${INPUT_BYTES_MAX} bytes, this has ${input.length}`)
}

export function checkSize(size: number, place: string): void {
  if (size === 0) throw new OprfError('batch-empty', place, 'a batch has at least one element')
  if (size > EVALUATION_BATCH_MAX) throw new OprfError('batch-too-large', place, `a batch has at most ${EVALUATION_BATCH_MAX} elements, this has ${size}`)
}

/** Size first, so that a hostile list costs nothing; then every element, asked for together and named one by one only where one is wrong. */
export function checkElements(group: Group, elements: readonly Uint8Array[], place: string): void {
  checkSize(elements.length, place)
  if (group.areElements(elements)) return
  elements.forEach((element, i) => checkElement(group, element, `${place}[${i}]`))
}

export function checkScalars(group: Group, scalars: readonly Uint8Array[], place: string): void {
  scalars.forEach((scalar, i) => checkScalar(group, scalar, `${place}[${i}]`))
}

export function checkEven(expected: number, found: number, place: string): void {
  if (expected !== found) throw new OprfError('batch-uneven', place, `${found} where the batch has ${expected}`)
}
