-- What this party's own people do at the API: tokens given to a person and revoked, acts that wait for a second person, and what came of them.

-- Sole rows, bound in every log. What begins at seq 0 is ended once, by whoever writes its seq 1 first.
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
CREATE INDEX office_act_kind ON office_act (kind, written);

-- Answers kept for whoever asks again under the same Idempotency-Key; they go after a day.
CREATE TABLE office_answer (
  answer_key bytea NOT NULL,
  request bytea NOT NULL,
  person text NOT NULL,
  -- Null while the act is under way, or where the process died in it.
  status integer,
  answer text,
  written text NOT NULL,
  row_mac bytea NOT NULL,
  CONSTRAINT office_answer_pkey PRIMARY KEY (answer_key)
);
CREATE INDEX office_answer_written ON office_answer (written);
