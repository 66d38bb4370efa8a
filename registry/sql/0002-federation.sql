-- What a party publishes and says under its agreements. Everything of one agreement's log lies by agreement_id; messages by
-- their sender; the label of a key by the key.

CREATE TABLE agreement (
  agreement_id text NOT NULL,
  bytes bytea NOT NULL,
  joined text NOT NULL,
  row_mac bytea NOT NULL,
  CONSTRAINT agreement_pkey PRIMARY KEY (agreement_id)
);

CREATE TABLE peer (
  agreement_id text NOT NULL,
  party text NOT NULL,
  key_record bytea NOT NULL,
  url text,
  row_mac bytea NOT NULL,
  CONSTRAINT peer_pkey PRIMARY KEY (agreement_id, party)
);

-- What waits for the next period of an agreement's log: 'event' (a batch), 'message', or 'clear' (an entry in full bytes).
CREATE TABLE waiting (
  agreement_id text NOT NULL,
  subject text NOT NULL,
  subject_id text NOT NULL,
  bytes bytea NOT NULL,
  row_mac bytea NOT NULL,
  CONSTRAINT waiting_pkey PRIMARY KEY (agreement_id, subject, subject_id)
);

CREATE TABLE log_entry (
  agreement_id text NOT NULL,
  entry_index bigint NOT NULL,
  entry bytea NOT NULL,
  CONSTRAINT log_entry_pkey PRIMARY KEY (agreement_id, entry_index)
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

-- Leaf `leaf_index` of the small tree whose root stands at `entry_index`; padding leaves are made from the register's key.
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
CREATE INDEX bound_subject ON bound (agreement_id, subject_id);

CREATE TABLE checkpoint (
  agreement_id text NOT NULL,
  size bigint NOT NULL,
  note text STORAGE EXTERNAL NOT NULL,
  row_mac bytea NOT NULL,
  CONSTRAINT checkpoint_pkey PRIMARY KEY (agreement_id, size)
);

-- The newest checkpoint that this registry's witness or reader cosigned, by origin.
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

CREATE TABLE key_label (
  key bytea NOT NULL,
  agreement_id text NOT NULL,
  label bytea NOT NULL,
  row_mac bytea NOT NULL,
  CONSTRAINT key_label_pkey PRIMARY KEY (key, agreement_id)
);

-- direction: 'out' (sent) or 'in' (received). A registry also speaks to itself, so both rows of one message may stand.
CREATE TABLE message (
  sender text NOT NULL,
  agreement_id text NOT NULL,
  receiver text NOT NULL,
  sequence bigint NOT NULL,
  direction text NOT NULL,
  message_id bytea NOT NULL,
  kind text NOT NULL,
  about bytea,
  -- Signatures and blinded elements do not compress: trying costs more than it saves.
  envelope bytea STORAGE EXTERNAL NOT NULL,
  stored text NOT NULL,
  row_mac bytea NOT NULL,
  CONSTRAINT message_pkey PRIMARY KEY (sender, agreement_id, receiver, sequence, direction)
);
CREATE INDEX message_about ON message (sender, agreement_id, about);
CREATE INDEX message_id ON message (sender, message_id);

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
