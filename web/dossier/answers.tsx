// What each party answered, and in plain words what proves it. The evidence itself is one click away.
import { PARTY_OUTCOME } from '@muster/core/words/dossier.ts'
import type { Lang } from '@muster/core/words/lang.ts'
import type { Answer, Shown } from './told.ts'
import { PROOF } from './words.ts'

/** The proof of one answer, sentence by sentence. */
function proofOf({ party, outcome, searched, tried, declared, opened, receipted, offeredBy, earlierKeys }: Answer, parties: number, lang: Lang): string[] {
  const say = PROOF[lang]
  const count = (n: number): string => new Intl.NumberFormat(lang).format(n)
  const footing = searched === null ? [] : [say.declared(party, count(searched.entries), searched.asOf.slice(0, 10)), say.cosigned(searched.read, searched.witnessed, parties)]
  const earlier = earlierKeys === 0 ? [] : [say.earlier(earlierKeys)]
  switch (outcome) {
    case 'present': return [...footing, say.found(declared, tried), opened === 'opened' ? say.opened(party) : say.unopened(party), ...earlier]
    case 'absent': return [...footing, say.absent(tried), ...earlier]
    case 'no-current-declaration': return [...footing, say.stale(party)]
    case 'refused': return [say.refused(party)]
    case 'silent': return [receipted ? say.receipted(party) : say.offered(party, offeredBy), say.silent]
    case 'unreachable': return [say.unreachable(party)]
  }
}

export function Answers({ told: { answers, parties }, lang }: { readonly told: Shown, readonly lang: Lang }) {
  return <ul className="answers">
    {answers.map((answer) => <li key={answer.party} className={answer.outcome}>
      <details>
        <summary><b>{answer.party}</b> <span className="outcome">{PARTY_OUTCOME[answer.outcome][lang]}</span>
          {answer.searched === null ? null : <span className="as-of">{PROOF[lang].asOf(answer.searched.asOf.slice(0, 10))}</span>}</summary>
        {proofOf(answer, parties, lang).map((sentence) => <p key={sentence}>{sentence}</p>)}
        <details>
          <summary>{PROOF[lang].raw}</summary>
          <pre tabIndex={0}>{answer.raw}</pre>
        </details>
      </details>
    </li>)}
  </ul>
}
