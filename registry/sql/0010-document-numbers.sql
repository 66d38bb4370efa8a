-- Where each number of a series of documents is named: a fold of the events in force, as marks and keys are. A number names one document in its series;
-- documents of no series have no row.

-- document_key: hash of series and number. dated: the document's date; null where the event does not know it.
CREATE TABLE document_number (
  document_key bytea NOT NULL,
  item_id uuid NOT NULL,
  seq integer NOT NULL,
  series text NOT NULL,
  number text NOT NULL,
  dated text,
  CONSTRAINT document_number_pkey PRIMARY KEY (document_key, item_id, seq)
);
