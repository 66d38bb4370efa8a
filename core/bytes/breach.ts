// A breach is a proof or a signature that fails. It carries what a third party needs to see the failure for itself.

export type Evidence = Readonly<Record<string, string | number | Uint8Array | readonly Uint8Array[] | readonly string[]>>

/** `code` comes from a closed union that each verifier declares beside itself; `evidence` holds the raw inputs that were checked. */
export class Breach<Code extends string = string> extends Error {
  readonly code: Code
  readonly evidence: Evidence

  constructor(code: Code, message: string, evidence: Evidence) {
    super(message)
    this.name = 'Breach'
    this.code = code
    this.evidence = evidence
  }
}
