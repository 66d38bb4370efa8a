// What a registry's door asks of the rest of it: files, cosignatures, messages. Everything that is shown only to some is decided there.

/** What a cosigner answers, as tlog-witness has it. */
export interface Cosigned { readonly status: number, readonly body: string }

export interface Door {
  /** Folder of the published log of an agreement; undefined where it was not joined. */
  logFolder(agreement: string): string | undefined
  /** Folder of a declaration for the holder of a ticket; undefined without one. */
  declarationFolder(agreement: string, headHash: string, ticket: string | undefined): string | undefined
  /** Folder of the own full copy of another's declaration, by the hash of its origin, for the holder of a ticket. */
  readerFolder(originHash: string, ticket: string | undefined): string | undefined
  witness(body: Uint8Array): Promise<Cosigned>
  /** The newest checkpoint cosigned as a witness for the origin of that hash. */
  witnessed(originHash: string): Promise<string | undefined>
  /** As witness; 'reading' while the full copy is still being made. */
  reader(body: Uint8Array): Promise<Cosigned | 'reading'>
  read(originHash: string): Promise<string | undefined>
  /** The proof of the own receipt for a message, for the party that sent it and holds a ticket; 'pending' until it is bound and signed. */
  proof(agreement: string, messageId: string, ticket: string | undefined): Promise<{ readonly json: string } | 'pending' | undefined>
  /** Undefined where the agreement was not joined. */
  message(agreement: string, body: Uint8Array): Promise<{ readonly status: number, readonly body: string } | undefined>
  /** A sealed message that another party offers for its sender; undefined as above. */
  offered(agreement: string, body: Uint8Array): Promise<{ readonly status: number, readonly body: string } | undefined>
  /** What a secretariat that the agreement names is told, for the holder of its ticket; undefined for everybody else. */
  secretariat(agreement: string, what: 'calls' | 'duties', ticket: string | undefined): Promise<object | undefined>
  health(): { readonly party: string, readonly exercise: boolean }
  /** Hears what went wrong inside. */
  fault(error: unknown): void
}
