-- What came together has one receipt: its row names the first message in `about`, and each of the others has a row here.

-- giver: who signed the receipt. direction: that of the receipt.
CREATE TABLE receipted (
  giver text NOT NULL,
  agreement_id text NOT NULL,
  message_id bytea NOT NULL,
  direction text NOT NULL,
  receipt_id bytea NOT NULL,
  row_mac bytea NOT NULL,
  CONSTRAINT receipted_pkey PRIMARY KEY (giver, agreement_id, message_id, direction, receipt_id)
);
