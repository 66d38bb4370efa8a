// A refusal is the project's one value for "the rules say no": malformed input, a limit passed, an act that a state does not permit.
// It can be returned or thrown. It says nothing about guilt: a signature or proof that fails is a breach (`breach.ts`).

/**
 * `code` comes from a closed union that each door declares beside itself, written `<door>/<what is wrong>`.
 * `message` says what is wrong and what to do next. `at` names the place: a byte offset, or a field, row or path.
 */
export class Refusal<Code extends string = string> extends Error {
  readonly code: Code
  readonly at: number | string | undefined

  constructor(code: Code, message: string, at?: number | string) {
    super(message)
    this.name = 'Refusal'
    this.code = code
    this.at = at
  }
}
