// What people read as one static page: no script, nothing loaded from anywhere, both languages, light and dark, wide and narrow.
import { createHash } from 'node:crypto'
import type { Part, Sheet, Told } from './sheet.ts'
import type { Lang } from './verb.ts'

const LANGS: readonly Lang[] = ['en', 'ru']
const LANG_NAME: Readonly<Record<Lang, string>> = { en: 'English', ru: 'Русский' }
const CONTENTS: Readonly<Record<Lang, string>> = { en: 'On this page', ru: 'На этой странице' }
const CHOOSE = 'Language · Язык'

const STYLE = `
:root { color-scheme: light dark; --ink: light-dark(#1b1f24, #e6e4df); --paper: light-dark(#fdfcf9, #16181b); --faint: light-dark(#5c6066, #a3a5a8);
  --line: light-dark(#d9d5cb, #363a40); --band: light-dark(#f1eee6, #1f2226); --accent: light-dark(#7a3b12, #e0a070) }
* { box-sizing: border-box }
body { margin: 0 auto; padding: 1.5rem clamp(1rem, 4vw, 3rem) 4rem; max-width: 76rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 Georgia, 'Noto Serif', 'Liberation Serif', serif }
h1 { font-size: clamp(1.7rem, 5vw, 2.5rem); line-height: 1.15; margin: 1.2rem 0 .6rem }
h2 { font-size: 1.4rem; margin: 3rem 0 .2rem; padding-top: .8rem; border-top: 2px solid var(--ink) }
h3 { font-size: 1.05rem; margin: 1.8rem 0 .5rem }
p { max-width: 44rem; margin: .3rem 0 }
.origin { border-left: 4px solid var(--accent); padding: .5rem 0 .5rem 1rem; font-style: italic }
.lead, .note { color: var(--faint) }
fieldset { border: 0; padding: 0; margin: 0; display: flex; gap: 1rem; flex-wrap: wrap; font-family: system-ui, sans-serif; font-size: .95rem }
legend { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%) }
label { padding: .4rem 0; cursor: pointer }
nav ul { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; font-family: system-ui, sans-serif; font-size: .95rem }
nav a { display: inline-block; padding: .3rem 0 }
a { color: var(--accent) }
.wide { overflow-x: auto; margin: .6rem 0 }
table { border-collapse: collapse; width: 100%; font-size: .95rem }
th, td { text-align: left; vertical-align: top; hyphens: auto; padding: .5rem .8rem .5rem 0; border-bottom: 1px solid var(--line); overflow-wrap: break-word; min-width: 5.5rem }
th { font: 600 .82rem/1.35 system-ui, sans-serif; color: var(--faint) }
.sides td, .sides th { min-width: 8.5rem }
.sides tbody tr:first-child td { font-size: 1.1rem; background: var(--band); padding-left: .6rem }
.sides td, .sides th { padding-left: .6rem }
.sides tbody tr:nth-child(n+2) td { font-size: .88rem; color: var(--faint) }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
body:has(#choose-en:checked) main[lang=ru], body:has(#choose-ru:checked) main[lang=en] { display: none }
@media (max-width: 46rem) {
  .list table, .list tbody, .list tr, .list td { display: block }
  .list thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%) }
  .list tr { border-bottom: 1px solid var(--line); padding: .7rem 0 }
  .list td { border: 0; padding: .1rem 0; min-width: 0 }
  .list td::before { content: attr(data-column) ': '; font: 600 .8rem system-ui, sans-serif; color: var(--faint) }
}
@media print { fieldset, nav { display: none } .wide { overflow: visible } }
`

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\'': '&#39;' }
const escape = (text: string): string => text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character)

/** A table with its header cells named. The roles are repeated because a table laid out as blocks, on a narrow screen, loses its own. */
function table(sheet: Sheet, label: string, lang: Lang): string {
  const head = sheet.columns.map((column) => `<th scope="col" role="columnheader">${escape(column)}</th>`).join('')
  const body = sheet.rows.map((row) => `<tr role="row">${row.map((cell, index) =>
    `<td role="cell" data-column="${escape(sheet.columns[index] ?? '')}">${escape(cell)}</td>`).join('')}</tr>`).join('\n')
  return `<div class="wide" role="region" tabindex="0" aria-labelledby="${label}">
<table role="table" aria-labelledby="${label}" lang="${lang}"><thead role="rowgroup"><tr role="row">${head}</tr></thead>
<tbody role="rowgroup">${body}</tbody></table></div>`
}

function sheetHtml(sheet: Sheet, part: Part, lang: Lang): string {
  const label = sheet.title === '' ? `${lang}-${part.id}` : `${lang}-${sheet.id}`
  const heading = sheet.title === '' ? '' : `<h3 id="${label}">${escape(sheet.title)}</h3>\n`
  const notes = sheet.notes.map((note) => `<p class="note">${escape(note)}</p>`).join('\n')
  return `<div class="${part.id === 'sides' ? 'sides' : 'list'}">${heading}${table(sheet, label, lang)}${notes}</div>`
}

function mainHtml({ title, origin, parts }: Told, lang: Lang): string {
  const links = parts.map((part) => `<li><a href="#${lang}-${part.id}">${escape(part.title)}</a></li>`).join('')
  const sections = parts.map((part) => `<section aria-labelledby="${lang}-${part.id}"><h2 id="${lang}-${part.id}">${escape(part.title)}</h2>
<p class="lead">${escape(part.lead)}</p>
${part.sheets.map((sheet) => sheetHtml(sheet, part, lang)).join('\n')}</section>`).join('\n')
  return `<main lang="${lang}"><h1>${escape(title)}</h1>
<p class="origin">${escape(origin)}</p>
<nav aria-label="${escape(CONTENTS[lang])}"><ul>${links}</ul></nav>
${sections}</main>`
}

/** The whole page; `first` is the language that shows when it opens. What is told is the same in each language; the same gives the same bytes. */
export function pageOf(told: (lang: Lang) => Told, first: Lang): string {
  const digest = createHash('sha256').update(STYLE).digest('base64')
  const radios = LANGS.map((lang) =>
    `<label lang="${lang}"><input type="radio" name="lang" id="choose-${lang}"${lang === first ? ' checked' : ''}> ${LANG_NAME[lang]}</label>`).join('')
  return `<!doctype html>
<html lang="${first}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-${digest}'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${escape(told(first).title)} · Muster</title>
<style>${STYLE}</style>
</head>
<body>
<fieldset><legend>${CHOOSE}</legend>${radios}</fieldset>
${LANGS.map((lang) => mainHtml(told(lang), lang)).join('\n')}
</body>
</html>
`
}
