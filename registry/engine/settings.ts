// How a server is set: what Muster promises, what it chooses, and what a caller may choose instead.
import { Fault } from './fault.ts'

/** Names the socket file only; nothing listens on a network. */
export const PORT = 5432
/** A server that cannot make one more file of its journal stops, and does not start again. */
export const JOURNAL_FILE_BYTES = 4 * 1024 * 1024

/** What Muster promises of the server, given on its command line, so that neither a file nor ALTER SYSTEM can undo it. */
const PROMISES: Readonly<Record<string, string>> = {
  listen_addresses: '',
  port: String(PORT),
  fsync: 'on',
  full_page_writes: 'on',
  synchronous_commit: 'on',
  unix_socket_permissions: '0700',
}
/** Chosen once by initdb and written to postgresql.conf, where an operator may change them. An idle server so set is measured by the test. */
export const SIZES: Readonly<Record<string, string>> = {
  shared_buffers: '24MB',
  max_connections: '60',
  work_mem: '8MB',
  maintenance_work_mem: '64MB',
  wal_buffers: '1MB',
  max_wal_size: '512MB',
  min_wal_size: '32MB',
  max_wal_senders: '0',
  max_replication_slots: '0',
  max_worker_processes: '2',
  max_parallel_workers: '2',
  max_parallel_workers_per_gather: '0',
  max_logical_replication_workers: '0',
  autovacuum_worker_slots: '2',
  autovacuum_max_workers: '2',
  io_method: 'sync',
  jit: 'off',
  password_encryption: 'scram-sha-256',
  TimeZone: 'UTC',
  log_timezone: 'UTC',
  // The log must not repeat what the register holds: no values of a violated constraint, no statements.
  log_error_verbosity: 'terse',
  log_min_error_statement: 'panic',
  log_min_messages: 'warning',
  log_line_prefix: '%m [%p] ',
}

export const SIZE_NAMES: readonly string[] = ['shared_buffers', 'work_mem', 'maintenance_work_mem', 'max_wal_size']

export type Settings = Readonly<Record<string, string>>

/** The command line of a server; Fault `engine-refused` names a setting that is not the caller's to choose. */
export function serverArguments(settings: Settings, sockets: string): string[] {
  const kept = Object.keys(settings).find((name) => name.toLowerCase() in PROMISES || /_(file|directory|directories|preload_libraries)$/i.test(name))
  if (kept !== undefined) throw new Fault('engine-refused', `The setting ${kept} is part of what Muster promises of its database and is not for a caller to change.`)
  return Object.entries({ ...settings, ...PROMISES, unix_socket_directories: sockets }).flatMap(([name, value]) => ['-c', `${name}=${value}`])
}
