// The chain of custody as one picture in time, from the oldest record down to the find: a line that is whole where the records join, and broken where they do not.
import type { Link } from '@muster/core/rules/chain.ts'
import { GAP, STEP } from '@muster/core/words/dossier.ts'
import { CONDITION, STATUS } from '@muster/core/words/item.ts'
import type { Lang } from '@muster/core/words/lang.ts'
import type { Status } from '@muster/core/rules/status.ts'
import { Verbatim } from '../ui/verbatim.tsx'
import { elapsed } from './elapsed.ts'
import type { Shown } from './told.ts'
import { CHAIN } from './words.ts'

/** A record may state a day or a time, or in which way there is none; the day is what people look for. */
function When({ when, lang }: { readonly when: string | null, readonly lang: Lang }) {
  if (when === null || when === 'unknown') return <span className="when">{CHAIN.noDate[lang]}</span>
  return <time className="when" dateTime={when} title={when}>{when.slice(0, 10)}</time>
}

function Step({ link, before, lang }: { readonly link: Link, readonly before: Link | undefined, readonly lang: Lang }) {
  const between = before === undefined ? undefined : elapsed(before.when, link.when, lang)
  // An earlier step carries the status that its item has now, which would read as if it had been lost while it was held.
  const status = link.status === null || (link.step !== 'ended' && link.step !== 'released') ? undefined : STATUS[link.status as Status]
  return <>
    {between === undefined ? null : <li className="elapsed">{between}</li>}
    <li className={`step ${link.step}`}>
      <When when={link.when} lang={lang} />
      <p><Verbatim text={STEP[link.step][lang](link.party, link.with)} />{status === undefined ? null : <span className="status">{status[lang]}</span>}</p>
    </li>
  </>
}

export function Chain({ told, lang }: { readonly told: Shown, readonly lang: Lang }) {
  const { conclusion: { chain, gaps }, find, asker } = told
  const [first] = find.marks
  const mark = first?.text ?? find.serial ?? ''
  const last = chain.at(-1)
  const until = last === undefined ? undefined : elapsed(last.when, find.happened, lang)
  return <ol className="chain">
    {chain.length === 0 ? <li className="gap"><p>{CHAIN.nothing[lang]}</p></li> : null}
    {chain.map((link, i) => <Step key={`${link.step} ${link.party} ${i}`} link={link} before={chain[i - 1]} lang={lang} />)}
    {gaps.map(({ gap, party }) => <li key={`${gap} ${party}`} className="gap"><p><strong>{CHAIN.gap[lang]}</strong> <Verbatim text={`${GAP[gap][lang]}: ${party}`} /></p></li>)}
    {until === undefined ? null : <li className="elapsed broken">{until}</li>}
    <li className="step find">
      <When when={find.happened} lang={lang} />
      <p>{CHAIN.found[lang](asker)}{mark === '' ? null : <> <q className="mark"><Verbatim text={mark} /></q></>}{first === undefined ? null : <span className="status">{CONDITION[first.condition][lang]}</span>}</p>
    </li>
  </ol>
}
