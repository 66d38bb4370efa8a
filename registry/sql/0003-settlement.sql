-- That two people have settled a breach on file: what convicted a party's log convicts it no more.

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
