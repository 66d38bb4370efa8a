// What a verification came to: the verdict first, then what it rests on, then what follows.
import { footingText, OUTCOME, SAY } from '@muster/core/words/dossier.ts'
import type { Lang } from '@muster/core/words/lang.ts'
import { Answers } from '../dossier/answers.tsx'
import { Chain } from '../dossier/chain.tsx'
import { Explanations } from '../dossier/explanations.tsx'
import type { Shown, Told } from '../dossier/told.ts'
import { Verbatim } from '../ui/verbatim.tsx'
import type { Outcome } from './ask.ts'
import { PAGE, VERDICT } from './words.ts'

export interface Finished { readonly outcome: Outcome, readonly seconds: number, readonly name: string }

function Verdict({ of, lang }: { readonly of: Told['verdict'], readonly lang: Lang }) {
  const { name, says } = VERDICT[of]
  return <div className={`verdict ${of}`}><h2 tabIndex={-1}>{name[lang]}</h2><p>{says[lang]}</p></div>
}

function Sound({ told, lang }: { readonly told: Shown, readonly lang: Lang }) {
  const { conclusion, footing } = told
  return <>
    {told.exercise ? <p className="exercise">{PAGE.exercise[lang]}</p> : null}
    <p className="marking">{PAGE.marked[lang]}: <Verbatim text={told.marking} /></p>
    <Verdict of={told.verdict} lang={lang} />
    <p className="footing">{footingText(footing, lang)}</p>
    {footing.cosigned < footing.needed ? <p className="warning">{SAY.belowQuorum[lang]}</p> : null}
    <section aria-labelledby="outcome">
      <h2 id="outcome" className="conclusion">{OUTCOME[conclusion.outcome][lang]}{conclusion.lastHolder === null ? '' : `: ${conclusion.lastHolder}`}</h2>
      {conclusion.chancePercent === null ? null : <p>{SAY.chance[lang](conclusion.chancePercent)}</p>}
      {conclusion.silent.length === 0 ? null : <p className="warning">{SAY.silent[lang](conclusion.silent.join(', '))}</p>}
    </section>
    <section aria-labelledby="chain"><h2 id="chain">{PAGE.chain[lang]}</h2><Chain told={told} lang={lang} /></section>
    <section aria-labelledby="answers"><h2 id="answers">{PAGE.answers[lang]}</h2><p className="hint">{PAGE.answersHint[lang]}</p><Answers told={told} lang={lang} /></section>
    {conclusion.explanations.length === 0 ? null
      : <section aria-labelledby="explanations"><h2 id="explanations">{PAGE.explanations[lang]}</h2><Explanations of={conclusion.explanations} lang={lang} /></section>}
    <p className="hint">{SAY.made[lang](told.asker, told.made)} · <Verbatim text={told.agreement} /></p>
  </>
}

export function Result({ finished: { outcome, seconds, name }, lang }: { readonly finished: Finished, readonly lang: Lang }) {
  if ('fault' in outcome) return <div className="verdict refused"><h2 tabIndex={-1}>{PAGE.fault[lang]}</h2><p><Verbatim text={outcome.fault} /></p><p>{PAGE.faultNext[lang]}</p></div>
  if ('other' in outcome) return <div className="verdict consistent"><h2 tabIndex={-1}>{PAGE.otherKind[lang]}</h2><p><code>muster verify <Verbatim text={name} /> --agreement FILE</code></p></div>
  const { told, sha256 } = outcome
  return <>
    {told.verdict === 'refused'
      ? <>
        <Verdict of="refused" lang={lang} />
        <h2>{PAGE.findings[lang]}</h2>
        <ul className="findings">{told.findings.map(({ code, party, message }, i) => <li key={i}><code>{code}</code>{party === null ? '' : ` · ${party}`}: <Verbatim text={message} /></li>)}</ul>
        <p>{PAGE.findingsNext[lang]}</p>
      </>
      : <Sound told={told} lang={lang} />}
    <p className="hint"><Verbatim text={name} /> · SHA-256 <code>{sha256}</code> · {PAGE.took[lang](new Intl.NumberFormat(lang, { maximumFractionDigits: 1 }).format(seconds))}</p>
  </>
}
