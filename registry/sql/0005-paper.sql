-- What passed on paper between this party and a state without a registry about a call: that it was addressed, and what it answered, entered by
-- two people from the paper. Sole rows, bound in the agreement's log.

CREATE TABLE paper (
  paper_id uuid NOT NULL,
  agreement_id text NOT NULL,
  call_id text NOT NULL,
  state text NOT NULL,
  said text NOT NULL,
  -- SHA-256 of the scan's original; its copy is among the photos.
  scan bytea,
  done_by text NOT NULL,
  done_and text NOT NULL,
  written text NOT NULL,
  row_mac bytea NOT NULL,
  CONSTRAINT paper_pkey PRIMARY KEY (paper_id)
);
