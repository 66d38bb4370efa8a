// JSON Schema (2020-12) of a shape, stated where the shape is made and nowhere else. A schema takes everything that the shape takes; what it cannot
// say, such as a rule between members, it names in `$comment`, and there the shape alone refuses. Lengths of texts: the shape counts UTF-16
// units, JSON Schema counts characters, so that a schema's bound is never the narrower one.
import type { Json } from './canonical.ts'

export type JsonSchema = { readonly [keyword: string]: Json }

export const SCHEMA_DIALECT = 'https://json-schema.org/draft/2020-12/schema'

const schemas = new WeakMap<object, () => JsonSchema>()

/** The shape itself, which from now on has this schema. It is made when it is asked for. */
export function stating<S extends object>(shape: S, schema: () => JsonSchema): S {
  schemas.set(shape, schema)
  return shape
}

/** Throws for a shape that states none: one that was made by hand and not with `stated`, `ruled` or `tagged` of shape.ts. */
export function schemaOf(shape: object): JsonSchema {
  const schema = schemas.get(shape)
  if (schema === undefined) throw new Error('a shape without a schema: make it of those in core/bytes/shape.ts, or let it state its own with `stated`')
  return schema()
}

/** The same schema with one more rule that only words can tell. */
export function remarked(schema: JsonSchema, rule: string): JsonSchema {
  return { ...schema, $comment: typeof schema.$comment === 'string' ? `${schema.$comment}; ${rule}` : rule }
}

/** The schema of a whole whose member `of` has the shape that its member `by` names. */
export function tagged(whole: object, by: string, of: string, shapes: Readonly<Record<string, object>>): JsonSchema {
  return {
    ...schemaOf(whole),
    allOf: Object.entries(shapes).map(([name, shape]) => ({ if: { properties: { [by]: { const: name } }, required: [by] }, then: { properties: { [of]: schemaOf(shape) } } })),
  }
}

/** Canonical base64 of any length: whole groups, unused bits zero. */
export const ANY_BASE64: JsonSchema = {
  type: 'string', contentEncoding: 'base64', pattern: '^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$',
}
