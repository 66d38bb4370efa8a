// The question `dossier` of the conformance door: the verdict on a dossier as a file, under the agreement in another file or under none.
import type { Group } from '@muster/core/oprf/group.ts'
import type { Finding } from '@muster/core/wire/finding.ts'
import { verifyFiles } from '../verify/files.ts'
import type { Request } from './request.ts'

export type DossierAnswer = { readonly verdict: 'proven' | 'consistent' | 'refused', readonly findings: readonly Finding[] } | { readonly error: 'malformed' }

const isPath = (value: unknown): value is string => typeof value === 'string' && value !== '' && !value.includes('\0')

/** `agreement` absent or null: no keys from outside, so the best verdict is `consistent`. `now`: POSIX seconds. */
export function answerDossier(group: Group, { path, agreement = null }: Request, now: number): DossierAnswer {
  if (!isPath(path) || !(agreement === null || isPath(agreement))) return { error: 'malformed' }
  const { verdict, findings } = verifyFiles(group, path, agreement ?? undefined, now)
  return { verdict, findings }
}
