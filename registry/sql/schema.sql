-- The schema as the catalogue tells it, after all migrations. Written by registry/store/write-schema.ts; a test compares it.

CREATE TABLE act_once (
  act_key text NOT NULL,
  answer text NOT NULL,
  written text NOT NULL,
  row_mac bytea NOT NULL,
  CONSTRAINT act_once_pkey PRIMARY KEY (act_key)
);

CREATE TABLE agreement (
  agreement_id text NOT NULL,
  bytes bytea NOT NULL,
  joined text NOT NULL,
  row_mac bytea NOT NULL,
  CONSTRAINT agreement_pkey PRIMARY KEY (agreement_id)
);

CREATE TABLE bound (
  agreement_id text NOT NULL,
  entry_index bigint NOT NULL,
  leaf_index integer NOT NULL,
  subject text NOT NULL,
  subject_id text NOT NULL,
  salt bytea NOT NULL,
  digest bytea NOT NULL,
  row_mac bytea NOT NULL,
  CONSTRAINT bound_pkey PRIMARY KEY (agreement_id, entry_index, leaf_index)
);
CREATE INDEX bound_subject ON bound USING btree (agreement_id, subject_id);

CREATE TABLE breach (
  breach_id uuid NOT NULL,
  agreement_id text NOT NULL,
  party text NOT NULL,
  code text NOT NULL,
  evidence text NOT NULL,
  found text NOT NULL,
  row_mac bytea NOT NULL,
  CONSTRAINT breach_pkey PRIMARY KEY (breach_id)
);

CREATE TABLE case_act (
  case_id uuid NOT NULL,
  seq integer NOT NULL,
  act text NOT NULL,
  written text NOT NULL,
  row_mac bytea NOT NULL,
  CONSTRAINT case_act_pkey PRIMARY KEY (case_id, seq)
);

CREATE TABLE case_file (
  case_id uuid NOT NULL,
  title text NOT NULL,
  opened_by text NOT NULL,
  opened_and text NOT NULL,
  written text NOT NULL,
  row_mac bytea NOT NULL,
  CONSTRAINT case_file_pkey PRIMARY KEY (case_id)
);

CREATE TABLE checkpoint (
  agreement_id text NOT NULL,
  size bigint NOT NULL,
  note text STORAGE EXTERNAL NOT NULL,
  row_mac bytea NOT NULL,
  CONSTRAINT checkpoint_pkey PRIMARY KEY (agreement_id, size)
);

CREATE TABLE cosigned (
  origin text NOT NULL,
  agreement_id text NOT NULL,
  cosigner text NOT NULL,
  size bigint NOT NULL,
  root bytea NOT NULL,
  note text STORAGE EXTERNAL NOT NULL,
  row_mac bytea NOT NULL,
  CONSTRAINT cosigned_pkey PRIMARY KEY (origin, cosigner)
);

CREATE TABLE custody_event (
  item_id uuid NOT NULL,
  seq integer NOT NULL,
  batch_id uuid NOT NULL,
  ordinal integer NOT NULL,
  event text NOT NULL,
  leaf bytea NOT NULL,
  CONSTRAINT custody_event_pkey PRIMARY KEY (item_id, seq)
);
CREATE INDEX custody_event_batch ON custody_event USING btree (batch_id, ordinal);

CREATE TABLE declaration (
  agreement_id text NOT NULL,
  sequence integer NOT NULL,
  head bytea NOT NULL,
  head_sha256 bytea NOT NULL,
  secret bytea NOT NULL,
  dummies integer NOT NULL,
  known_at text NOT NULL,
  note text STORAGE EXTERNAL NOT NULL,
  row_mac bytea NOT NULL,
  CONSTRAINT declaration_pkey PRIMARY KEY (agreement_id, sequence)
);

CREATE TABLE document (
  sha256 bytea NOT NULL,
  bytes bytea STORAGE EXTERNAL NOT NULL,
  media_type text NOT NULL,
  taken_by text NOT NULL,
  written text NOT NULL,
  row_mac bytea NOT NULL,
  CONSTRAINT document_pkey PRIMARY KEY (sha256)
);

CREATE TABLE document_number (
  document_key bytea NOT NULL,
  item_id uuid NOT NULL,
  seq integer NOT NULL,
  series text NOT NULL,
  number text NOT NULL,
  dated text,
  CONSTRAINT document_number_pkey PRIMARY KEY (document_key, item_id, seq)
);

CREATE TABLE event_batch (
  batch_id uuid NOT NULL,
  act text NOT NULL,
  done_by text NOT NULL,
  written text NOT NULL,
  events integer NOT NULL,
  secret bytea NOT NULL,
  digest bytea NOT NULL,
  row_mac bytea NOT NULL,
  CONSTRAINT event_batch_pkey PRIMARY KEY (batch_id)
);

CREATE TABLE import_run (
  import_id uuid NOT NULL,
  file_name text NOT NULL,
  file_sha256 bytea NOT NULL,
  mapping_sha256 bytea NOT NULL,
  rows_read integer NOT NULL,
  accepted integer NOT NULL,
  refused integer NOT NULL,
  already integer NOT NULL,
  done_by text NOT NULL,
  written text NOT NULL,
  row_mac bytea NOT NULL,
  CONSTRAINT import_run_pkey PRIMARY KEY (import_id)
);

CREATE TABLE intake_row (
  fingerprint bytea NOT NULL,
  item_id uuid NOT NULL,
  import_id uuid NOT NULL,
  row_number integer NOT NULL,
  row_mac bytea NOT NULL,
  CONSTRAINT intake_row_pkey PRIMARY KEY (fingerprint)
);

CREATE TABLE item (
  item_id uuid NOT NULL,
  class text NOT NULL,
  type text,
  maker text,
  year text,
  lot text,
  serial text,
  status text NOT NULL,
  owner text,
  custodian text,
  site text,
  unit text,
  last_seq integer NOT NULL,
  CONSTRAINT item_pkey PRIMARY KEY (item_id)
);

CREATE TABLE key_label (
  key bytea NOT NULL,
  agreement_id text NOT NULL,
  label bytea NOT NULL,
  row_mac bytea NOT NULL,
  CONSTRAINT key_label_pkey PRIMARY KEY (key, agreement_id)
);

CREATE TABLE later_label (
  key bytea NOT NULL,
  agreement_id text NOT NULL,
  oprf bytea NOT NULL,
  label bytea NOT NULL,
  row_mac bytea NOT NULL,
  CONSTRAINT later_label_pkey PRIMARY KEY (key, agreement_id, oprf)
);

CREATE TABLE log_entry (
  agreement_id text NOT NULL,
  entry_index bigint NOT NULL,
  entry bytea NOT NULL,
  CONSTRAINT log_entry_pkey PRIMARY KEY (agreement_id, entry_index)
);

CREATE TABLE mark (
  item_id uuid NOT NULL,
  ordinal integer NOT NULL,
  text text NOT NULL,
  condition text NOT NULL,
  place text,
  method text,
  photo bytea,
  CONSTRAINT mark_pkey PRIMARY KEY (item_id, ordinal)
);

CREATE TABLE match_key (
  key bytea NOT NULL,
  item_id uuid NOT NULL,
  kind text NOT NULL,
  CONSTRAINT match_key_pkey PRIMARY KEY (key, item_id)
);

CREATE TABLE message (
  sender text NOT NULL,
  agreement_id text NOT NULL,
  receiver text NOT NULL,
  sequence bigint NOT NULL,
  direction text NOT NULL,
  message_id bytea NOT NULL,
  kind text NOT NULL,
  about bytea,
  envelope bytea STORAGE EXTERNAL NOT NULL,
  stored text NOT NULL,
  row_mac bytea NOT NULL,
  CONSTRAINT message_pkey PRIMARY KEY (sender, agreement_id, receiver, sequence, direction)
);
CREATE INDEX message_about ON message USING btree (sender, agreement_id, about);
CREATE INDEX message_id ON message USING btree (sender, message_id);
CREATE INDEX message_kind ON message USING btree (agreement_id, kind);

CREATE TABLE office_act (
  office_id uuid NOT NULL,
  seq integer NOT NULL,
  kind text NOT NULL,
  person text NOT NULL,
  said text NOT NULL,
  written text NOT NULL,
  row_mac bytea NOT NULL,
  CONSTRAINT office_act_pkey PRIMARY KEY (office_id, seq)
);
CREATE INDEX office_act_kind ON office_act USING btree (kind, written);

CREATE TABLE office_answer (
  answer_key bytea NOT NULL,
  request bytea NOT NULL,
  person text NOT NULL,
  status integer,
  answer text,
  written text NOT NULL,
  row_mac bytea NOT NULL,
  CONSTRAINT office_answer_pkey PRIMARY KEY (answer_key)
);
CREATE INDEX office_answer_written ON office_answer USING btree (written);

CREATE TABLE outbox (
  agreement_id text NOT NULL,
  receiver text NOT NULL,
  sequence bigint NOT NULL,
  message_id bytea NOT NULL,
  aside text,
  row_mac bytea NOT NULL,
  CONSTRAINT outbox_pkey PRIMARY KEY (agreement_id, receiver, sequence)
);

CREATE TABLE paper (
  paper_id uuid NOT NULL,
  agreement_id text NOT NULL,
  call_id text NOT NULL,
  state text NOT NULL,
  said text NOT NULL,
  scan bytea,
  done_by text NOT NULL,
  done_and text NOT NULL,
  written text NOT NULL,
  row_mac bytea NOT NULL,
  CONSTRAINT paper_pkey PRIMARY KEY (paper_id)
);

CREATE TABLE peer (
  agreement_id text NOT NULL,
  party text NOT NULL,
  key_record bytea NOT NULL,
  url text,
  row_mac bytea NOT NULL,
  CONSTRAINT peer_pkey PRIMARY KEY (agreement_id, party)
);

CREATE TABLE period (
  agreement_id text NOT NULL,
  subject text NOT NULL,
  entry_index bigint NOT NULL,
  closed text NOT NULL,
  members integer NOT NULL,
  row_mac bytea NOT NULL,
  CONSTRAINT period_pkey PRIMARY KEY (agreement_id, subject, entry_index)
);

CREATE TABLE photo (
  original_sha256 bytea NOT NULL,
  copy_sha256 bytea NOT NULL,
  media_type text NOT NULL,
  copy bytea NOT NULL,
  taken_by text NOT NULL,
  written text NOT NULL,
  row_mac bytea NOT NULL,
  CONSTRAINT photo_pkey PRIMARY KEY (original_sha256)
);

CREATE TABLE receipted (
  giver text NOT NULL,
  agreement_id text NOT NULL,
  message_id bytea NOT NULL,
  direction text NOT NULL,
  receipt_id bytea NOT NULL,
  row_mac bytea NOT NULL,
  CONSTRAINT receipted_pkey PRIMARY KEY (giver, agreement_id, message_id, direction, receipt_id)
);

CREATE TABLE schema_migration (
  name text NOT NULL,
  sha256 text NOT NULL,
  applied timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT schema_migration_pkey PRIMARY KEY (name)
);

CREATE TABLE schema_turn (
  turn boolean NOT NULL,
  CONSTRAINT schema_turn_pkey PRIMARY KEY (turn),
  CONSTRAINT schema_turn_one CHECK (turn)
);

CREATE TABLE settlement (
  breach_id uuid NOT NULL,
  agreement_id text NOT NULL,
  settled_by text NOT NULL,
  settled_and text NOT NULL,
  reason text NOT NULL,
  settled text NOT NULL,
  row_mac bytea NOT NULL,
  CONSTRAINT settlement_pkey PRIMARY KEY (breach_id)
);

CREATE TABLE trace (
  trace_id uuid NOT NULL,
  item_id uuid NOT NULL,
  agreement_id text NOT NULL,
  state text NOT NULL,
  outcome text,
  dossier_path text,
  started text NOT NULL,
  ended text,
  row_mac bytea NOT NULL,
  CONSTRAINT trace_pkey PRIMARY KEY (trace_id)
);

CREATE TABLE waiting (
  agreement_id text NOT NULL,
  subject text NOT NULL,
  subject_id text NOT NULL,
  bytes bytea NOT NULL,
  row_mac bytea NOT NULL,
  CONSTRAINT waiting_pkey PRIMARY KEY (agreement_id, subject, subject_id)
);

CREATE TABLE watch (
  watch_id uuid NOT NULL,
  agreement_id text NOT NULL,
  party text NOT NULL,
  item_id uuid NOT NULL,
  find_seq integer NOT NULL,
  trace_id uuid NOT NULL,
  sequence integer NOT NULL,
  oprf bytea NOT NULL,
  labels text NOT NULL,
  started text NOT NULL,
  row_mac bytea NOT NULL,
  CONSTRAINT watch_pkey PRIMARY KEY (watch_id)
);
CREATE INDEX watch_item ON watch USING btree (item_id);
CREATE INDEX watch_party ON watch USING btree (agreement_id, party);

CREATE TABLE watch_news (
  watch_id uuid NOT NULL,
  label bytea NOT NULL,
  agreement_id text NOT NULL,
  what text NOT NULL,
  sequence integer NOT NULL,
  proof text STORAGE EXTERNAL NOT NULL,
  found text NOT NULL,
  row_mac bytea NOT NULL,
  CONSTRAINT watch_news_pkey PRIMARY KEY (watch_id, label)
);
