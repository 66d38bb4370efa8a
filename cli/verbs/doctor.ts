// `muster doctor`: what this machine and this register are like, and what is wrong with them.
import { diagnose, type Diagnosis } from '@muster/registry/store/doctor.ts'
import type { Context, Verb } from '../verb.ts'

const EXIT_NO = 1
const MIB = 1024 * 1024

const mib = (bytes: number | undefined): string => bytes === undefined ? '–' : `${Math.round(bytes / MIB)} MiB`

function rowsOf(context: Context, facts: Diagnosis): [string, string][] {
  const say = (en: string, ru: string) => context.say({ en, ru })
  const { party, register, server, disk, running, places } = facts
  return [
    [say('Node', 'Node'), `${facts.node.version} · ${facts.node.path} · ${facts.platform}`],
    [say('account', 'учётная запись'), `${facts.caller}${facts.account === undefined ? '' : ` → ${facts.account}`}`],
    [say('clock', 'часы'), facts.clock],
    ...(party === undefined ? [] : [[say('party', 'участник'), `${party.party} · ${party.name}${party.exercise ? say(' · exercise', ' · учения') : ''} · ${party.created}`] as [string, string]]),
    ...(facts.programs === undefined ? [] : [['PostgreSQL', `${facts.programs.version} · ${facts.programs.path}`] as [string, string]]),
    ...(places === undefined ? [] : [
      [say('data directory', 'папка данных'), places.dataDir], [say('database', 'база данных'), places.cluster], [say('socket', 'сокет'), places.sockets], [say('log of the server', 'журнал сервера'), places.log],
    ] as [string, string][]),
    ...(disk === undefined ? [] : [[say('disk', 'диск'), say(`${mib(disk.dataDir_bytes)} of files, ${mib(disk.cluster_bytes)} of database, ${mib(disk.free_bytes)} free`, `файлы ${mib(disk.dataDir_bytes)}, база ${mib(disk.cluster_bytes)}, свободно ${mib(disk.free_bytes)}`)] as [string, string]]),
    ...(running === undefined ? [] : [[say('running', 'запущен'), `${running.pid}${running.inUse ? say(' · in use', ' · используется') : ''} · ${mib(running.memory_bytes)}`] as [string, string]]),
    ...(server === undefined ? [] : [[say('server', 'сервер'), `${server.version} · fsync ${server.fsync ? 'on' : 'off'} · checksums ${server.checksums ? 'on' : 'off'} · ${say('network', 'сеть')} ${server.listeners === '' ? say('none', 'нет') : server.listeners} · ${server.connections}/${server.connections_max}`] as [string, string]]),
    ...(register === undefined ? [] : [[say('register', 'реестр'), say(`${register.items} items, ${register.events} events, ${register.imports} imports`, `единиц ${register.items}, событий ${register.events}, загрузок ${register.imports}`)] as [string, string]]),
    ...(register?.agreements ?? []).map(({ agreement, entries, checkpoint, waiting, declarations }): [string, string] =>
      [agreement, say(`log of ${entries}, newest checkpoint at ${checkpoint ?? '–'}, ${waiting} waiting, ${declarations} declarations`, `журнал ${entries}, последний контрольный лист ${checkpoint ?? '–'}, ожидают ${waiting}, деклараций ${declarations}`)]),
  ]
}

export const verb: Verb = {
  name: 'doctor',
  summary: { en: 'the state of this machine and register, and what to do about it', ru: 'состояние машины и реестра, и что делать' },
  usage: ['muster doctor --dir D'],
  options: {},
  run: async (context) => {
    const facts = await diagnose(context.dir, { databaseUrl: context.databaseUrl, now: () => Date.now() })
    if (context.json) context.answer(facts)
    else {
      context.table([{ title: '' }, { title: '' }], rowsOf(context, facts))
      for (const problem of facts.problems) context.out(`! ${problem}`)
      if (facts.problems.length === 0) context.out(context.say({ en: 'Nothing is wrong.', ru: 'Всё в порядке.' }))
    }
    return facts.problems.length === 0 ? 0 : EXIT_NO
  },
}
