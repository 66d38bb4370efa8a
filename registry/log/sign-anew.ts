// After a compromise of the log's keys: own declarations whose checkpoint stands under keys that others may have are signed again under the new ones. The
// bytes that were signed are the same, so what readers cosigned stays.
import { declarationOrigin } from '@muster/core/rules/agreement.ts'
import { declarationBefore, newestDeclaration, storeRead, type StoredDeclarationRow } from './declare.ts'
import { isSound, originOf, type OwnLog } from './own-log.ts'
import { signNewest, withLinesOf } from './sign.ts'

/** The oldest first: where the newest is sound, all are. Idempotent; also the way to resume. */
export async function signDeclaredAnew(log: OwnLog, at: number): Promise<void> {
  const due: StoredDeclarationRow[] = []
  for (let each = await newestDeclaration(log); each !== undefined && !isSound(log, each.note); each = await declarationBefore(log, each)) due.unshift(each)
  for (const each of due) {
    const { head: { size, root }, hash } = each.head
    const signed = signNewest(log, { origin: declarationOrigin(originOf(log), hash), size, root: Buffer.from(root, 'base64') }, at)
    await storeRead(log, each, withLinesOf(each.note, signed))
  }
}
