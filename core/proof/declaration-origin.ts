// The name of a declaration as a log: `<log origin>/d/<hex SHA-256 of the head>` (DESIGN section 4). Every signature on its checkpoint
// covers the origin and so the head; a checkpoint of the party's log, of another agreement or of another head has another name.

const ORIGIN = /^(.+)\/d\/([0-9a-f]{64})$/

/** The party's log and the head's hash in lower-case hex; undefined for the origin of a log. */
export function parseDeclarationOrigin(origin: string): { readonly logOrigin: string; readonly headHash: string } | undefined {
  const match = ORIGIN.exec(origin)
  return match === null ? undefined : { logOrigin: match[1] as string, headHash: match[2] as string }
}
