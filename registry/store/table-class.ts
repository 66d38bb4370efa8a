// What holds each table to the truth; `muster audit` goes by this, and a test demands that no table is missing.
export const TABLE_CLASS = {
  /** Leaves bound in the log. */
  custody_event: 'events',
  /** Folds of the events, made anew and compared. */
  item: 'derived', mark: 'derived', match_key: 'derived',
  /** Entries under the signed checkpoint. */
  log_entry: 'logged',
  /** Rows under row_mac. */
  event_batch: 'kept', intake_row: 'kept', import_run: 'kept', photo: 'kept', case_file: 'kept', act_once: 'kept', agreement: 'kept', peer: 'kept', waiting: 'kept', period: 'kept',
  bound: 'kept', checkpoint: 'kept', cosigned: 'kept', declaration: 'kept', key_label: 'kept', message: 'kept', breach: 'kept', trace: 'kept',
} as const

export type Table = keyof typeof TABLE_CLASS
export type KeptTable = { [T in Table]: (typeof TABLE_CLASS)[T] extends 'kept' ? T : never }[Table]
