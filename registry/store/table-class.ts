// What holds each table to the truth; `muster audit` goes by this, and a test demands that no table is missing.
export const TABLE_CLASS = {
  /** Leaves bound in the log. */
  custody_event: 'events',
  /** Folds of the events, made anew and compared. */
  item: 'derived', mark: 'derived', match_key: 'derived', document_number: 'derived',
  /** Entries under the signed checkpoint. */
  log_entry: 'logged',
  /** Rows under row_mac. */
  event_batch: 'kept', intake_row: 'kept', import_run: 'kept', photo: 'kept', case_file: 'kept', act_once: 'kept', agreement: 'kept', peer: 'kept', waiting: 'kept', period: 'kept',
  bound: 'kept', checkpoint: 'kept', cosigned: 'kept', declaration: 'kept', key_label: 'kept', later_label: 'kept', message: 'kept', breach: 'kept', settlement: 'kept', trace: 'kept', outbox: 'kept', receipted: 'kept', paper: 'kept',
  watch: 'kept', watch_news: 'kept', case_act: 'kept', document: 'kept', office_act: 'kept', office_answer: 'kept',
  /** The schema's own records: compared with the files of the migrations and with what is kept outside the database. */
  schema_migration: 'schema', schema_turn: 'schema',
} as const

export type Table = keyof typeof TABLE_CLASS
export type KeptTable = { [T in Table]: (typeof TABLE_CLASS)[T] extends 'kept' ? T : never }[Table]

/** The columns of each primary key, by which a row is named. */
export const KEY_COLUMNS: Readonly<Record<Table, readonly string[]>> = {
  custody_event: ['item_id', 'seq'], event_batch: ['batch_id'], item: ['item_id'], mark: ['item_id', 'ordinal'], match_key: ['key', 'item_id'], document_number: ['document_key', 'item_id', 'seq'], intake_row: ['fingerprint'],
  import_run: ['import_id'], photo: ['original_sha256'], case_file: ['case_id'], act_once: ['act_key'], agreement: ['agreement_id'], peer: ['agreement_id', 'party'],
  waiting: ['agreement_id', 'subject', 'subject_id'], log_entry: ['agreement_id', 'entry_index'], period: ['agreement_id', 'subject', 'entry_index'], bound: ['agreement_id', 'entry_index', 'leaf_index'],
  checkpoint: ['agreement_id', 'size'], cosigned: ['origin', 'cosigner'], declaration: ['agreement_id', 'sequence'], key_label: ['key', 'agreement_id'], later_label: ['key', 'agreement_id', 'oprf'],
  message: ['sender', 'agreement_id', 'receiver', 'sequence', 'direction'], breach: ['breach_id'], settlement: ['breach_id'], trace: ['trace_id'],
  outbox: ['agreement_id', 'receiver', 'sequence'], receipted: ['giver', 'agreement_id', 'message_id', 'direction', 'receipt_id'], paper: ['paper_id'],
  watch: ['watch_id'], watch_news: ['watch_id', 'label'], case_act: ['case_id', 'seq'], document: ['sha256'], office_act: ['office_id', 'seq'], office_answer: ['answer_key'], schema_migration: ['name'], schema_turn: ['turn'],
}

export const KEPT_TABLES = (Object.keys(TABLE_CLASS) as Table[]).filter((table): table is KeptTable => TABLE_CLASS[table] === 'kept')
