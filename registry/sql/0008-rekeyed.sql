-- Labels of match keys under an OPRF key that replaced the first one after a compromise; those under the first stay in key_label.

-- oprf: the public key.
CREATE TABLE later_label (
  key bytea NOT NULL,
  agreement_id text NOT NULL,
  oprf bytea NOT NULL,
  label bytea NOT NULL,
  row_mac bytea NOT NULL,
  CONSTRAINT later_label_pkey PRIMARY KEY (key, agreement_id, oprf)
);
