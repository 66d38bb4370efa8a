-- Messages on their way: signed, stored, and not yet receipted. A row goes when the receipt is stored.

CREATE TABLE outbox (
  agreement_id text NOT NULL,
  receiver text NOT NULL,
  sequence bigint NOT NULL,
  message_id bytea NOT NULL,
  -- Why it is sent no more: the code with which the receiver refused it, or message/expired; null while it is due.
  aside text,
  row_mac bytea NOT NULL,
  CONSTRAINT outbox_pkey PRIMARY KEY (agreement_id, receiver, sequence)
);

-- What was said of one kind: calls and their answers are few among the questions of traces.
CREATE INDEX message_kind ON message (agreement_id, kind);
