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

-- What was recorded before: of items without corrections here, since of those the events stand as they were written; the numbers of the others `muster audit` names.
INSERT INTO document_number (document_key, item_id, seq, series, number, dated)
SELECT DISTINCT ON (e.item_id, e.seq, d.one ->> 'series', d.one ->> 'number')
  sha256(convert_to('[' || (d.one -> 'series')::text || ',' || (d.one -> 'number')::text || ']', 'UTF8')), e.item_id, e.seq, d.one ->> 'series', d.one ->> 'number', nullif(d.one ->> 'date', 'unknown')
FROM custody_event e CROSS JOIN LATERAL jsonb_array_elements(e.event::jsonb -> 'documents') WITH ORDINALITY AS d (one, place)
WHERE e.event LIKE '%"series":"%' AND d.one ->> 'series' IS NOT NULL AND e.event::jsonb ->> 'kind' <> 'imported'
  AND NOT (e.event::jsonb ->> 'kind' = 'received' AND e.event::jsonb -> 'data' -> 'from' -> 'party' IS NOT NULL)
  AND NOT EXISTS (SELECT 1 FROM custody_event c WHERE c.item_id = e.item_id AND c.event LIKE '%"kind":"corrected"%')
ORDER BY e.item_id, e.seq, d.one ->> 'series', d.one ->> 'number', d.place;
