-- Finds on watch and what cases come to. Sole rows, bound in the log: of the agreement, where they belong to one, else of each.

-- What a trace learnt of one party, to be looked up in each of its later declarations. The labels are the asker's alone.
CREATE TABLE watch (
  watch_id uuid NOT NULL,
  agreement_id text NOT NULL,
  party text NOT NULL,
  item_id uuid NOT NULL,
  -- The event that recorded the find; where it is taken back, the watch is over.
  find_seq integer NOT NULL,
  trace_id uuid NOT NULL,
  -- The declaration that the trace looked in, and the OPRF key of its head.
  sequence integer NOT NULL,
  oprf bytea NOT NULL,
  labels text NOT NULL,
  started text NOT NULL,
  row_mac bytea NOT NULL,
  CONSTRAINT watch_pkey PRIMARY KEY (watch_id)
);
CREATE INDEX watch_party ON watch (agreement_id, party);
CREATE INDEX watch_item ON watch (item_id);

-- A label that a later declaration brought or lost, told once; `proof` verifies alone (spec/watch.md).
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

-- What was done in a case after it was opened, act by act; the opening is the case's own row.
CREATE TABLE case_act (
  case_id uuid NOT NULL,
  seq integer NOT NULL,
  act text NOT NULL,
  written text NOT NULL,
  row_mac bytea NOT NULL,
  CONSTRAINT case_act_pkey PRIMARY KEY (case_id, seq)
);

-- The bytes of what a case has as evidence, by their hash.
CREATE TABLE document (
  sha256 bytea NOT NULL,
  bytes bytea STORAGE EXTERNAL NOT NULL,
  media_type text NOT NULL,
  taken_by text NOT NULL,
  written text NOT NULL,
  row_mac bytea NOT NULL,
  CONSTRAINT document_pkey PRIMARY KEY (sha256)
);
