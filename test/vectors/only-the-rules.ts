// Invalid vectors that a JSON Schema takes: what refuses them is a rule between members, or the calendar, which the schema names in `$comment`.
export const ONLY_THE_RULES: readonly string[] = [
  'agreement/all-liars', 'agreement/asker-above-all', 'agreement/asker-below-a-batch', 'agreement/asker-that-is-no-party', 'agreement/asker-twice',
  'agreement/baseline-not-a-time', 'agreement/batches-descend', 'agreement/escalation-twice', 'agreement/exchange-twice', 'agreement/find-below-a-batch',
  'agreement/former-of-a-first', 'agreement/key-record-twice', 'agreement/one-person-twice', 'agreement/party-twice', 'agreement/quorum-above-all',
  'agreement/quorum-half', 'agreement/standing-rule-contradicted', 'agreement/step-of-100',
  'call/answer-due-before-its-date', 'call/reminder-when-it-is-due', 'call/reminders-out-of-order', 'call/row-twice',
  'case/no-such-day',
  'courier/no-messages', 'courier/payload-of-other-letters', 'courier/to-oneself',
  'entry/head-first-rekeyed', 'entry/head-first-with-previous', 'entry/head-later-without-previous', 'entry/head-size-300',
  'event/day-that-is-not',
  'inspection/differs-from-what', 'inspection/finding-twice', 'inspection/inspector-twice', 'inspection/inspects-itself', 'inspection/no-reason',
  'key-record/compromise-without-time', 'key-record/compromised-in-future', 'key-record/first-with-sequence', 'key-record/message-is-log',
  'key-record/rotation-by-new-only', 'key-record/witness-is-reader',
  'message/expiry-before-time', 'message/first-with-previous', 'message/later-without-previous', 'message/notice-that-expires',
  'notice/fewer-listed-than-counted', 'notice/type-twice',
  'reconciliation/row-twice', 'reconciliation/rows-out-of-order',
  'transfer/photo-on-its-way', 'transfer/places-out-of-order', 'transfer/received-twice',
]
