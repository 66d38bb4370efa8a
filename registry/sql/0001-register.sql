-- The register: custody events are what is known; item, mark and match_key are folds of them and can be made anew.
-- Placement for Citus: everything of an item by item_id, match_key by its key, intake_row by its fingerprint (placement.ts).
-- Times are texts YYYY-MM-DDTHH:MM:SSZ, which compare as text. row_mac: HMAC of the row under a key kept outside the database.

CREATE TABLE custody_event (
  item_id uuid NOT NULL,
  seq integer NOT NULL,
  batch_id uuid NOT NULL,
  ordinal integer NOT NULL,
  event text NOT NULL,
  leaf bytea NOT NULL,
  CONSTRAINT custody_event_pkey PRIMARY KEY (item_id, seq)
);
CREATE INDEX custody_event_batch ON custody_event (batch_id, ordinal);

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

CREATE TABLE intake_row (
  fingerprint bytea NOT NULL,
  item_id uuid NOT NULL,
  import_id uuid NOT NULL,
  row_number integer NOT NULL,
  row_mac bytea NOT NULL,
  CONSTRAINT intake_row_pkey PRIMARY KEY (fingerprint)
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

CREATE TABLE case_file (
  case_id uuid NOT NULL,
  title text NOT NULL,
  opened_by text NOT NULL,
  opened_and text NOT NULL,
  written text NOT NULL,
  row_mac bytea NOT NULL,
  CONSTRAINT case_file_pkey PRIMARY KEY (case_id)
);

CREATE TABLE act_once (
  act_key text NOT NULL,
  answer text NOT NULL,
  written text NOT NULL,
  row_mac bytea NOT NULL,
  CONSTRAINT act_once_pkey PRIMARY KEY (act_key)
);
