// What could have happened, side by side, with what speaks for each and against it. Nothing is weighed here.
import type { Conclusion } from '@muster/core/rules/chain.ts'
import { EXPLANATION, FACT, SAY } from '@muster/core/words/dossier.ts'
import type { Lang } from '@muster/core/words/lang.ts'

type Facts = Conclusion['explanations'][number]['for']

function Facts({ title, facts, lang }: { readonly title: string, readonly facts: Facts, readonly lang: Lang }) {
  return <><dt>{title}</dt>{facts.length === 0 ? <dd>–</dd> : facts.map(({ fact, party }) => <dd key={`${fact} ${party ?? ''}`}>{FACT[fact][lang]}{party === null ? '' : ` (${party})`}</dd>)}</>
}

export function Explanations({ of, lang }: { readonly of: Conclusion['explanations'], readonly lang: Lang }) {
  return <ul className="explanations">
    {of.map((each) => <li key={each.what}>
      <h3>{EXPLANATION[each.what][lang]}</h3>
      <dl><Facts title={SAY.for[lang]} facts={each.for} lang={lang} /><Facts title={SAY.against[lang]} facts={each.against} lang={lang} /></dl>
    </li>)}
  </ul>
}
